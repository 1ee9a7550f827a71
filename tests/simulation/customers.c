/* SPDX-License-Identifier: MIT */

#include "simulation/customers.h"

#include <stdio.h>

#include "base/mem.h"
#include "net/server.h"
#include "segment/event.h"
#include "service/keeper.h"
#include "simulation/fakes.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"
#include "simulation/process.h"

enum {
    BATCH_MOST = 20,
    ANSWER_US = 5000000,
    RETRY_LEAST_US = 1000000,
    TRIES_MOST = 12, /* with doubling pauses: some four hours */
    PAYLOAD_BYTES = 16384,
};

struct letter { /* an event that is to be sent */
    struct list_link link;
    struct alarm retry;
    uint64_t serial;
    int n_tries;
};

struct server_request { /* one request under way */
    struct list_link link;
    struct alarm timeout;
    bool is_over; /* for the customer: the answer comes too late */
    struct list letters;
    uint64_t serials[BATCH_MOST];
    size_t n_serials;
};

static struct {
    const struct options *options;
    struct chance chance;
    struct alarm arrival;
    int64_t n_left;
    size_t n_letters;
    struct list ready[LINES_MAX]; /* to be sent now */
    struct list waiting;          /* for their retry */
    struct list requests;
    bool is_stopped;
} fake;

/* --- events ------------------------------------------------------------------------- */

static void write_payload(const struct model_event *event, uint64_t serial,
                          struct buf *text)
{
    int64_t padding = chance_scale(&fake.chance, 1, fake.options->payload_most);

    buf_init(text, PAYLOAD_BYTES);
    buf_addf(text, "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u%lld\",",
             (long long)chance_below(&fake.chance, 9));
    if (event->message != 0)
        buf_addf(text, "\"messageId\":\"m%lld\",", (long long)event->message);
    buf_addf(text, "\"properties\":{\"n\":%llu,\"pad\":\"", (unsigned long long)serial);
    while (padding-- > 0)
        buf_add_char(text, 'x');
    buf_add_text(text, "\"}}");
}

uint64_t customers_serial(struct bytes payload)
{
    size_t at = bytes_find(payload, BYTES("\"n\":"));
    uint64_t serial = 0;

    for (at += 4; at < payload.len && payload.ptr[at] >= '0' && payload.ptr[at] <= '9';
         at++)
        serial = serial * 10 + (uint64_t)(payload.ptr[at] - '0');
    return serial;
}

static void add_letter(uint64_t serial)
{
    struct letter *letter = mem_new(struct letter);

    letter->serial = serial;
    fake.n_letters++;
    list_push(&fake.ready[oracle_event(serial)->line], &letter->link);
}

/* With the same bytes and the same messageId, by somebody else: it is another event. */
static uint64_t add_twin(uint64_t serial)
{
    struct model_event twin = *oracle_event(serial);

    twin.is_told = false;
    twin.twin = 0;
    twin.payload = bytes_copy(bytes_of(twin.payload, twin.len));
    if (twin.key != 0)
        twin.key = twin.key % fake.options->n_keys + 1;
    else
        twin.line = (twin.line + 1) % fake.options->n_lines;
    if (twin.key == oracle_event(serial)->key &&
        twin.line == oracle_event(serial)->line) {
        free(twin.payload);
        return 0;
    }
    oracle_event(serial)->twin = oracle_n_events() + 1;
    return oracle_add_event(&twin);
}

static void add_event(void)
{
    struct model_event event = {
        .line = (int)chance_below(&fake.chance, fake.options->n_lines),
        .key = chance_below(&fake.chance, fake.options->n_keys + 1),
    };
    cleanup(buf_done) struct buf text = {0};
    uint64_t serial = oracle_n_events() + 1;

    if (chance_is(&fake.chance, 900)) /* else it has none; some share one */
        event.message = chance_is(&fake.chance, 50)
                            ? chance_between(&fake.chance, 1, (int64_t)serial)
                            : (int64_t)serial;
    write_payload(&event, serial, &text);
    event.payload = bytes_copy(buf_bytes(&text));
    event.len = text.len;
    add_letter(oracle_add_event(&event));
    if (event.message != 0 && chance_is(&fake.chance, 30)) {
        uint64_t twin = add_twin(serial);

        if (twin != 0)
            add_letter(twin);
    }
}

/* --- requests ----------------------------------------------------------------------- */

static struct parcel *make_parcel(const struct model_event *event)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes payload = bytes_of(event->payload, event->len);
    struct event judged;
    struct parcel *parcel;
    char owner[64];

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    if (event_judge(payload, &scratch, &judged) != EVENT_GOOD)
        oracle_fail("I4", "event %llu is refused", (unsigned long long)event->serial);
    parcel = parcel_new(payload, (struct bytes){0}, &judged);
    parcel->received_at_ms = kernel_wall_ms();
    parcel->subscription = (uint16_t)(event->line + 1);
    parcel->key = event->key;
    sha256_sum(&payload, 1, parcel->sha256);
    if (judged.message_id.len == 0)
        return parcel;
    if (event->key != 0)
        snprintf(owner, sizeof(owner), "key:%lld", (long long)event->key);
    else
        snprintf(owner, sizeof(owner), "sub:l%d", event->line);
    parcel->has_mark = true;
    dedupe_mark_of(bytes_str(owner), judged.message_id, parcel->sha256, &parcel->mark);
    return parcel;
}

static void letter_free(struct letter *letter)
{
    alarm_stop(&letter->retry);
    fake.n_letters--;
    free(letter);
}

static void send_all(int line);

static void on_retry(void *arg)
{
    struct letter *letter = arg;
    int line = oracle_event(letter->serial)->line;

    list_remove(&fake.waiting, &letter->link);
    list_push(&fake.ready[line], &letter->link);
    send_all(line);
}

static void try_later(struct letter *letter)
{
    int64_t pause_us = RETRY_LEAST_US;

    for (int i = 0; i < letter->n_tries; i++)
        pause_us *= 2;
    if (++letter->n_tries > TRIES_MOST) {
        letter_free(letter); /* four hours are over: it was never ours */
        return;
    }
    list_push(&fake.waiting, &letter->link);
    alarm_init(&letter->retry, on_retry, letter);
    alarm_set(&letter->retry, chance_between(&fake.chance, pause_us / 2, pause_us));
}

/* The customer has an answer, or waits no longer. */
static void conclude(struct server_request *request, int status)
{
    struct list_link *link;

    request->is_over = true;
    alarm_stop(&request->timeout);
    while ((link = list_pop(&request->letters)) != NULL) {
        struct letter *letter = list_entry(link, struct letter, link);

        if (status != 0 && status != 503 && !chance_is(&fake.chance, 10))
            letter_free(letter);
        else
            try_later(letter);
    }
}

static void request_free(struct server_request *request)
{
    list_remove(&fake.requests, &request->link);
    free(request);
}

static void on_timeout(void *arg)
{
    conclude(arg, 0);
}

static void take_answer(struct server_request *request, int status)
{
    if (fake_sys_is_dead())
        return;
    oracle_told(request->serials, request->n_serials, status);
    if (!request->is_over)
        conclude(request, status);
    request_free(request);
}

static struct server_request *request_new(int line, size_t n_most)
{
    struct server_request *request = mem_new(struct server_request);
    struct list_link *link;

    while (request->n_serials < n_most && (link = list_pop(&fake.ready[line])) != NULL) {
        request->serials[request->n_serials++] =
            list_entry(link, struct letter, link)->serial;
        list_push(&request->letters, link);
    }
    alarm_init(&request->timeout, on_timeout, request);
    alarm_set(&request->timeout, ANSWER_US);
    list_push(&fake.requests, &request->link);
    return request;
}

static void send_one(int line)
{
    bool is_array = chance_is(&fake.chance, 300);
    struct server_request *request = request_new(
        line, is_array ? (size_t)chance_between(&fake.chance, 1, BATCH_MOST) : 1);
    struct list receipts = {0};
    struct receipt *receipt;

    if (!process_is_up()) {
        conclude(request, 0);
        request_free(request);
        return;
    }
    receipt = receipt_new(request->n_serials);
    receipt->request = request;
    receipt->is_array = is_array;
    receipt->is_inline = !is_array && fake.options->lines[line].is_inline;
    receipt->subscription = (uint16_t)(line + 1);
    for (size_t i = 0; i < request->n_serials; i++)
        receipt->items[i].parcel = make_parcel(oracle_event(request->serials[i]));
    if (keeper_refusal(process_keeper()) != NULL) {
        receipt_answer_busy(receipt, "Temporarily unavailable");
        receipt_free(receipt);
        return;
    }
    list_push(&receipts, &receipt->mail.link);
    keeper_receive(process_keeper(), &receipts, false);
}

static void send_all(int line)
{
    while (!list_is_empty(&fake.ready[line]))
        send_one(line);
}

/* --- what the product calls --------------------------------------------------------- */

void server_answer(struct server_request *request, const struct server_answer *answer)
{
    take_answer(request, answer->status);
}

void server_answer_in(struct server_batch *batch, struct server_request *request,
                      const struct server_answer *answer)
{
    (void)batch;
    take_answer(request, answer->status);
}

void server_batch_send(struct server_batch *batch)
{
    (void)batch;
}

void server_answer_message(struct server_request *request, int status,
                           const char *message)
{
    (void)message;
    take_answer(request, status);
}

/* --- life --------------------------------------------------------------------------- */

static void plan_arrival(void)
{
    int64_t gap_us = fake.options->length_ms * 1000 / (fake.options->n_events + 1);

    if (fake.options->has_bursts)
        gap_us = chance_is(&fake.chance, 20)
                     ? chance_scale(&fake.chance, 1000, 100 * gap_us + 2000)
                     : chance_below(&fake.chance, 2000);
    alarm_set(&fake.arrival, chance_below(&fake.chance, 2 * gap_us + 1));
}

static void on_arrival(void *arg)
{
    (void)arg;
    if (fake.is_stopped || fake.n_left-- <= 0)
        return;
    add_event();
    for (int line = 0; line < fake.options->n_lines; line++)
        send_all(line);
    plan_arrival();
}

void customers_reset(const struct options *options)
{
    memset(&fake, 0, sizeof(fake));
    fake.options = options;
    fake.n_left = options->n_events;
    chance_init(&fake.chance, options->seed, "customers");
    alarm_init(&fake.arrival, on_arrival, NULL);
    plan_arrival();
}

void customers_stop(void)
{
    fake.is_stopped = true;
}

bool customers_are_done(void)
{
    return fake.is_stopped && fake.n_letters == 0;
}

void customers_disconnect(void)
{
    struct list_link *link;

    while ((link = list_pop(&fake.requests)) != NULL) {
        struct server_request *request = list_entry(link, struct server_request, link);

        if (!request->is_over)
            conclude(request, 0);
        free(request);
    }
}

static void free_letters(struct list *letters)
{
    struct list_link *link;

    while ((link = list_pop(letters)) != NULL)
        letter_free(list_entry(link, struct letter, link));
}

void customers_done(void)
{
    customers_disconnect();
    alarm_stop(&fake.arrival);
    free_letters(&fake.waiting);
    for (int line = 0; line < LINES_MAX; line++)
        free_letters(&fake.ready[line]);
}
