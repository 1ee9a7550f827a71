/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/inspector.h"

#include "base/mem.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/frame/route.h"
#include "emulator/inspector/masking.h"
#include "emulator/inspector/remark.h"
#include "emulator/world/world.h"
#include "sys/clock.h"

enum { HEADER_BYTES = 16384, REMARK_BYTES = 1024, TARGET_BYTES = 8192 };
/* Everything of one call: its bodies, grown by masks, its headers, its target. */
enum { CALL_BYTES = 6 * INSPECTOR_BODY_BYTES + 2 * HEADER_BYTES };

struct inspector {
    struct inspector_call *calls; /* a ring: number n lies at n % INSPECTOR_CALLS */
    char **texts;                 /* what the slices of a call point into */
    uint64_t n_added;
    uint64_t n_forgotten;
};

struct inspector *inspector_new(struct world *world)
{
    struct inspector *inspector = mem_new(struct inspector);

    (void)world;
    inspector->calls = mem_zero(INSPECTOR_CALLS * sizeof(*inspector->calls));
    inspector->texts = mem_zero(INSPECTOR_CALLS * sizeof(*inspector->texts));
    return inspector;
}

static void empty(struct inspector *inspector, size_t slot)
{
    free(inspector->texts[slot]);
    inspector->texts[slot] = NULL;
    inspector->calls[slot] = (struct inspector_call){0};
}

void inspector_clear(struct inspector *inspector)
{
    for (size_t i = 0; i < INSPECTOR_CALLS; i++)
        empty(inspector, i);
    inspector->n_forgotten = inspector->n_added;
}

void inspector_free(struct inspector *inspector)
{
    if (inspector == NULL)
        return;
    inspector_clear(inspector);
    free(inspector->calls);
    free(inspector->texts);
    free(inspector);
}

/* --- what came ---------------------------------------------------------------------- */

static void add_line(struct buf *out, struct bytes name, struct bytes value)
{
    buf_add(out, name);
    buf_add_text(out, ": ");
    masking_header(name, value, out);
    buf_add_char(out, '\n');
}

static bool is_recorded(const struct exchange *exchange)
{
    return exchange->area != NULL && !exchange->area->is_own;
}

/* The remark goes with the headers, because it is made from them; a NUL parts the two. */
void inspector_note(struct exchange *exchange)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(buf_done) struct buf remark = {0};
    struct bytes name;
    struct bytes value;
    size_t cursor = 0;

    if (!is_recorded(exchange) || exchange->header_text.ptr != NULL)
        return;
    buf_init(&text, HEADER_BYTES + REMARK_BYTES + 1);
    buf_init(&remark, REMARK_BYTES);
    while (text.len < HEADER_BYTES &&
           server_next_header(exchange->request, &cursor, &name, &value))
        add_line(&text, name, value);
    remark_add(exchange, &remark);
    buf_add_char(&text, '\0');
    buf_add(&text, buf_bytes(&remark));
    exchange->header_text =
        bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

/* --- the record --------------------------------------------------------------------- */

/* Texts are collected first and become slices when the buffer moves no more. */
struct record {
    struct buf text;
    size_t len; /* of all, as `text` is handed over */
    size_t ends[6];
    size_t n_ends;
};

static void end_piece(struct record *record)
{
    record->ends[record->n_ends++] = record->text.len;
}

static struct bytes piece(const struct record *record, size_t i, const char *text)
{
    const size_t start = i > 0 ? record->ends[i - 1] : 0;

    return bytes_of(text + start, record->ends[i] - start);
}

static void add_body(struct record *record, struct bytes content_type, struct bytes body)
{
    if (body.len > 0)
        masking_body(content_type, bytes_slice(body, 0, INSPECTOR_BODY_BYTES),
                     &record->text);
    if (body.len > INSPECTOR_BODY_BYTES)
        buf_addf(&record->text, "… (%zu bytes)", body.len);
    end_piece(record);
}

static void add_answer_headers(struct record *record, const struct exchange *exchange)
{
    if (exchange->content_type != NULL)
        add_line(&record->text, BYTES("Content-Type"), bytes_str(exchange->content_type));
    for (size_t i = 0; i < exchange->n_headers; i++)
        add_line(&record->text, bytes_str(exchange->headers[i].name),
                 bytes_str(exchange->headers[i].value));
    end_piece(record);
}

static void collect(struct record *record, struct exchange *exchange)
{
    const struct bytes note = exchange->header_text;
    const size_t end = bytes_index(note, '\0');

    buf_add(&record->text, exchange->method);
    end_piece(record);
    masking_url(bytes_slice(exchange_target(exchange), 0, TARGET_BYTES), &record->text);
    end_piece(record);
    buf_add(&record->text, bytes_slice(note, 0, end));
    end_piece(record);
    add_body(record, bytes_of(NULL, 0), exchange->body);
    add_answer_headers(record, exchange);
    add_body(record, bytes_str(exchange->content_type),
             exchange->spoil == SERVER_HANG_UP ? bytes_of(NULL, 0)
                                               : buf_bytes(&exchange->out));
    buf_add(&record->text, bytes_slice(note, end + 1, note.len));
    record->len = record->text.len;
}

static void fill(struct inspector_call *call, const struct record *record,
                 const char *text)
{
    const size_t last = record->ends[record->n_ends - 1];

    call->method = piece(record, 0, text);
    call->target = piece(record, 1, text);
    call->request_headers = piece(record, 2, text);
    call->request_body = piece(record, 3, text);
    call->response_headers = piece(record, 4, text);
    call->response_body = piece(record, 5, text);
    call->remark = bytes_of(text + last, record->len - last);
}

void inspector_add(struct inspector *inspector, struct exchange *exchange)
{
    struct record record = {0};
    size_t slot;

    if (!is_recorded(exchange) || exchange->is_recorded)
        return;
    exchange->is_recorded = true;
    inspector_note(exchange);
    buf_init(&record.text, CALL_BYTES);
    collect(&record, exchange);
    slot = ++inspector->n_added % INSPECTOR_CALLS;
    empty(inspector, slot);
    inspector->calls[slot] = (struct inspector_call){
        .number = inspector->n_added,
        .at_ms = world_now_ms(exchange->world),
        .duration_us = clock_now_us() - exchange->began_us,
        .area = exchange->area->title,
        .where = faults_where(exchange),
        .status = exchange->spoil == SERVER_HANG_UP ? 0 : exchange->status,
        .fault = exchange->fault,
    };
    inspector->texts[slot] = buf_take(&record.text);
    fill(&inspector->calls[slot], &record, inspector->texts[slot]);
}

/* --- looking ------------------------------------------------------------------------ */

const struct inspector_call *inspector_find(const struct inspector *inspector,
                                            uint64_t number)
{
    const struct inspector_call *call = &inspector->calls[number % INSPECTOR_CALLS];

    return number > 0 && call->number == number ? call : NULL;
}

const struct inspector_call *inspector_next(const struct inspector *inspector,
                                            const struct inspector_call *after)
{
    const uint64_t number = after != NULL ? after->number - 1 : inspector->n_added;

    return number > inspector->n_forgotten ? inspector_find(inspector, number) : NULL;
}
