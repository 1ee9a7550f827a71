/* SPDX-License-Identifier: MIT */

#include "service/receipt.h"

#include "base/mem.h"
#include "core/id.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4 << 20 };

struct receipt *receipt_new(size_t n_items)
{
    struct receipt *receipt =
        mem_zero(sizeof(*receipt) + n_items * sizeof(struct receipt_item));

    receipt->mail.kind = MAIL_RECEIPT;
    receipt->n_items = n_items;
    return receipt;
}

struct receipt *receipt_resize(struct receipt *receipt, size_t n_items)
{
    const size_t n_before = receipt->n_items;

    receipt =
        mem_grow(receipt, 1, sizeof(*receipt) + n_items * sizeof(struct receipt_item));
    if (n_items > n_before)
        memset(receipt->items + n_before, 0,
               (n_items - n_before) * sizeof(struct receipt_item));
    receipt->n_items = n_items;
    return receipt;
}

void receipt_free(struct receipt *receipt)
{
    if (receipt == NULL)
        return;
    for (size_t i = 0; i < receipt->n_items; i++) {
        parcel_free(receipt->items[i].parcel);
        free(receipt->items[i].message);
    }
    free(receipt);
}

static void print_rejected(const struct receipt *receipt, struct write *json)
{
    write_key(json, "rejected");
    write_array(json);
    for (size_t i = 0; i < receipt->n_items; i++) {
        if (receipt->items[i].message == NULL)
            continue;
        write_object(json);
        write_member_i64(json, "index", (int64_t)i);
        write_member_text(json, "message", receipt->items[i].message);
        write_object_end(json);
    }
    write_array_end(json);
}

static void event_id(const struct receipt_item *item, char ret_text[ID_TEXT_LEN])
{
    const struct id id = {
        .kind = ID_EVENT, .time_ms = item->received_at_ms, .row = item->row};

    id_format(id, ret_text);
}

void receipt_print(const struct receipt *receipt, struct buf *ret_json)
{
    struct write json;
    int64_t n_accepted = 0;
    int64_t n_duplicates = 0;

    for (size_t i = 0; i < receipt->n_items; i++) {
        n_accepted += receipt->items[i].row != 0 && !receipt->items[i].is_duplicate;
        n_duplicates += receipt->items[i].is_duplicate;
    }
    write_init(&json, ret_json);
    write_object(&json);
    write_member_i64(&json, "accepted", n_accepted);
    write_member_i64(&json, "duplicates", n_duplicates);
    print_rejected(receipt, &json);
    write_key(&json, "ids");
    write_array(&json);
    for (size_t i = 0; i < receipt->n_items; i++) {
        char id[ID_TEXT_LEN];

        if (receipt->items[i].row == 0) {
            write_null(&json);
            continue;
        }
        event_id(&receipt->items[i], id);
        write_text(&json, id);
    }
    write_array_end(&json);
    write_object_end(&json);
}

void receipt_answer_stored(struct receipt *receipt, struct server_batch *batch)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = 202, .content_type = "application/json"};
    char id[ID_TEXT_LEN];

    buf_init(&body, ANSWER_BYTES);
    receipt_print(receipt, &body);
    answer.body = buf_bytes(&body);
    if (!receipt->is_array) {
        event_id(&receipt->items[0], id);
        answer.headers[0] = (struct server_header){"X-Partnerapp-Event-Id", id};
    }
    server_answer_in(batch, receipt->request, &answer);
}

void receipt_answer_busy(struct receipt *receipt, const char *message)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = 503,
                                   .content_type = "application/json",
                                   .headers = {{"Retry-After", "1"}}};
    struct write json;

    if (receipt->request == NULL)
        return;
    buf_init(&body, 1024);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "message", message);
    write_object_end(&json);
    answer.body = buf_bytes(&body);
    server_answer(receipt->request, &answer);
}
