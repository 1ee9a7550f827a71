/* SPDX-License-Identifier: MIT */

/*
 * The Tracking API (dossier §9): what customers' sites, apps and servers send.
 *
 * Only three things are not answered with 200: what is no JSON, what is too large, and a
 * write key of the other region. Whatever is wrong with an event is seen in the journal.
 */

#include "base/mem.h"
#include "emulator/frame/areas.h"
#include "emulator/tracking/known.h"
#include "emulator/tracking/pipeline.h"
#include "emulator/world/world.h"
#include "net/gunzip.h"
#include "segment/basic.h"
#include "json/scan.h"
#include "json/walk.h"
#include "json/write.h"

enum { BODY_BYTES = 8 << 20, KEY_BYTES = 4096 };

/* What a call's body says of itself, at its root. */
struct body {
    struct scan_span write_key, context, integrations, sent_at, batch;
};

struct call {
    struct exchange *exchange;
    struct bytes text;
    struct body body;
    struct pipeline_call pipeline;
};

/* --- answers ------------------------------------------------------------------------ */

static void accept_call(struct exchange *exchange)
{
    exchange_json(exchange, 200, BYTES("{\"success\":true}"));
}

/* Clients read different members of it (dossier §9.4). */
static void refuse(struct exchange *exchange, int status, const char *code,
                   const char *message)
{
    struct write write;

    exchange->fidelity = FIDELITY_GUESS;
    exchange_answer(exchange, status, "application/json");
    buf_clear(&exchange->out);
    write_init(&write, &exchange->out);
    write_object(&write);
    write_member_bool(&write, "success", false);
    write_member_text(&write, "code", code);
    write_member_text(&write, "message", message);
    write_member_text(&write, "error", message);
    write_object_end(&write);
}

static void refuse_large(struct exchange *exchange, size_t max_bytes)
{
    refuse(exchange, 400, "bad_request",
           max_bytes == INGEST_EVENT_BYTES ? "the event is larger than 32 KB"
                                           : "the batch is larger than 500 KB");
}

/* --- bodies ------------------------------------------------------------------------- */

static bool unpack(struct exchange *exchange, size_t max_bytes, struct bytes *ret_text)
{
    struct buf text;
    enum gunzip_verdict verdict;

    buf_init(&text, max_bytes);
    verdict = gunzip(exchange->body, &text);
    if (verdict == GUNZIP_TOO_LARGE)
        refuse_large(exchange, max_bytes);
    else if (verdict == GUNZIP_MALFORMED)
        refuse(exchange, 400, "bad_request", "the body is not gzip");
    else
        *ret_text = bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
    buf_done(&text);
    return verdict == GUNZIP_WHOLE;
}

/* The text of the body, unpacked and not larger than allowed. Whatever its Content-Type
 * says: beacons cannot say JSON, and curl -d does not; the inspector remarks on it. */
static bool read_text(struct exchange *exchange, size_t max_bytes, struct bytes *ret_text)
{
    const struct bytes coding = bytes_trim(exchange_header(exchange, "Content-Encoding"));

    if (bytes_eq_nocase(coding, BYTES("gzip")))
        return unpack(exchange, max_bytes, ret_text);
    if (coding.len > 0 && !bytes_eq_nocase(coding, BYTES("identity"))) {
        refuse(exchange, 400, "bad_request", "Content-Encoding may only be gzip");
        return false;
    }
    *ret_text = exchange->body;
    if (ret_text->len <= max_bytes)
        return true;
    refuse_large(exchange, max_bytes);
    return false;
}

static void keep_member(void *arg, const struct scan_member *member)
{
    struct body *body = arg;
    const struct {
        struct bytes key;
        struct scan_span *span;
    } members[] = {
        {BYTES("writeKey"), &body->write_key},
        {BYTES("context"), &body->context},
        {BYTES("integrations"), &body->integrations},
        {BYTES("sentAt"), &body->sent_at},
        {BYTES("batch"), &body->batch},
    };

    for (size_t i = 0; i < COUNT(members); i++) {
        if (walk_means(member->key, members[i].key))
            *members[i].span = member->value;
    }
}

static bool read_body(struct call *call, size_t max_bytes)
{
    const struct scan_visitor visitor = {.member = keep_member, .arg = &call->body};
    struct scan_span root;
    struct scan_fault fault;

    if (!read_text(call->exchange, max_bytes, &call->text))
        return false;
    if (scan_json(call->text, &visitor, &root, &fault)) {
        call->text = root.text; /* without a byte order mark */
        return true;
    }
    refuse(call->exchange, 400, "bad_request",
           arena_printf(&call->exchange->arena, "malformed JSON at byte %zu: %s",
                        fault.offset, fault.why));
    return false;
}

/* What a text means; empty for anything else. */
static struct bytes text_of(struct exchange *exchange, const struct scan_span *span)
{
    struct buf text;
    struct bytes kept;

    if (span->kind != SCAN_STRING)
        return bytes_of(NULL, 0);
    if (!span->has_escape)
        return scan_inside(span);
    buf_init(&text, KEY_BYTES);
    if (scan_unescape(scan_inside(span), &text) == BUF_FULL)
        buf_clear(&text);
    kept = bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
    buf_done(&text);
    return kept;
}

static struct bytes object_of(const struct scan_span *span)
{
    return span->kind == SCAN_OBJECT ? span->text : bytes_of(NULL, 0);
}

/* --- who sends ---------------------------------------------------------------------- */

/* "curl -u KEY:"; without the colon it may be the key, or base64 of it. */
static struct bytes basic_key(struct exchange *exchange)
{
    struct buf scratch;
    struct bytes key, raw;

    buf_init(&scratch, KEY_BYTES);
    if (basic_parse(exchange->authorization, /* lenient= */ true, &scratch, &key, &raw) !=
        BASIC_KEY)
        key = bytes_of(NULL, 0);
    key = bytes_of(arena_copy(&exchange->arena, key), key.len);
    buf_done(&scratch);
    return key;
}

static bool is_of_other_region(struct exchange *exchange, struct bytes write_key)
{
    const bool is_eu =
        bytes_starts(exchange_header(exchange, "Host"), BYTES("events.eu1."));
    const struct known_source *source = known_find(exchange->world, write_key);

    return source->verdict != INGEST_UNKNOWN_SOURCE && source->is_eu != is_eu;
}

static bool identify(struct call *call)
{
    struct exchange *exchange = call->exchange;
    struct pipeline_call *pipeline = &call->pipeline;

    pipeline->write_key = basic_key(exchange);
    if (pipeline->write_key.len == 0)
        pipeline->write_key = text_of(exchange, &call->body.write_key);
    pipeline->is_browser |= exchange_header(exchange, "Origin").ptr != NULL;
    pipeline->ip =
        bytes_str(arena_text(&exchange->arena, server_peer(exchange->request)));
    if (pipeline->write_key.len == 0 ||
        !is_of_other_region(exchange, pipeline->write_key))
        return true;
    refuse(exchange, 403, "wrong_region",
           "this write key belongs to a source of the other region");
    return false;
}

/* --- one event ---------------------------------------------------------------------- */

static const struct {
    struct bytes name;
    enum event_kind kind;
    bool is_short; /* only browsers use it */
} paths[] = {
    {BYTES("identify"), EVENT_IDENTIFY, false},
    {BYTES("track"), EVENT_TRACK, false},
    {BYTES("page"), EVENT_PAGE, false},
    {BYTES("screen"), EVENT_SCREEN, false},
    {BYTES("group"), EVENT_GROUP, false},
    {BYTES("alias"), EVENT_ALIAS, false},
    {BYTES("i"), EVENT_IDENTIFY, true},
    {BYTES("t"), EVENT_TRACK, true},
    {BYTES("p"), EVENT_PAGE, true},
    {BYTES("s"), EVENT_SCREEN, true},
    {BYTES("g"), EVENT_GROUP, true},
    {BYTES("a"), EVENT_ALIAS, true},
};

static void post_event(struct exchange *exchange)
{
    struct call call = {.exchange = exchange};
    const struct bytes name = bytes_slice(exchange->route_path, 4, SIZE_MAX); /* "/v1/" */

    for (size_t i = 0; i < COUNT(paths); i++) {
        if (!bytes_eq(name, paths[i].name))
            continue;
        call.pipeline.kind = paths[i].kind;
        call.pipeline.is_browser = paths[i].is_short;
    }
    if (!read_body(&call, INGEST_EVENT_BYTES) || !identify(&call))
        return;
    pipeline_take(exchange->world, &call.pipeline, call.text);
    accept_call(exchange);
}

/* --- batches ------------------------------------------------------------------------ */

/* The next element; @rest begins after the bracket. */
static bool next_event(struct bytes *rest, struct bytes *ret_event)
{
    walk_space(rest);
    if (rest->len > 0 && rest->ptr[0] == ',')
        *rest = bytes_slice(*rest, 1, rest->len);
    walk_space(rest);
    if (rest->len == 0 || rest->ptr[0] == ']')
        return false;
    *ret_event = walk_value(rest);
    return true;
}

/* What a batch holds; of too many only the number. */
struct batch {
    size_t n_events;
    struct bytes events[INGEST_BATCH_EVENTS];
};

static struct batch *read_batch(const struct call *call)
{
    const struct scan_span *span = &call->body.batch;
    struct batch *batch = mem_grow(NULL, 1, sizeof(*batch));
    struct bytes rest = bytes_of(NULL, 0);
    struct bytes event;

    batch->n_events = 0;
    if (span->kind == SCAN_ARRAY)
        rest = bytes_slice(span->text, 1, span->text.len);
    while (next_event(&rest, &event)) {
        if (batch->n_events < INGEST_BATCH_EVENTS)
            batch->events[batch->n_events] = event;
        batch->n_events++;
    }
    return batch;
}

/* Without a key of the whole call each event may have its own. One of the other region
 * is as good as unknown: the others of the batch are taken. */
static struct bytes own_key(struct exchange *exchange, struct bytes event)
{
    struct scan_span span = {.kind = SCAN_NONE};
    struct bytes key;

    if (!scan_find(event, BYTES("writeKey"), &span))
        return bytes_of(NULL, 0);
    key = text_of(exchange, &span);
    return is_of_other_region(exchange, key) ? bytes_of(NULL, 0) : key;
}

static void put_with_own_keys(struct call *call, const struct batch *batch)
{
    struct world *world = call->exchange->world;
    struct pipeline *pipeline = NULL;

    for (size_t i = 0; i < batch->n_events; i++) {
        const struct bytes key = own_key(call->exchange, batch->events[i]);

        if (pipeline == NULL || !bytes_eq(key, call->pipeline.write_key)) {
            pipeline_close(pipeline);
            call->pipeline.write_key = key;
            pipeline = pipeline_open(world, &call->pipeline);
        }
        pipeline_put(pipeline, batch->events[i]);
    }
    pipeline_close(pipeline);
}

static void put_all(struct call *call, const struct batch *batch)
{
    struct pipeline *pipeline = pipeline_open(call->exchange->world, &call->pipeline);

    if (batch->n_events == 0)
        pipeline_discard(pipeline, INGEST_EMPTY_BATCH, 0);
    else if (batch->n_events > INGEST_BATCH_EVENTS)
        pipeline_discard(pipeline, INGEST_TOO_LARGE, (unsigned)batch->n_events);
    else
        for (size_t i = 0; i < batch->n_events; i++)
            pipeline_put(pipeline, batch->events[i]);
    pipeline_close(pipeline);
}

static void post_batch(struct exchange *exchange)
{
    struct call call = {.exchange = exchange};
    cleanup(freep) struct batch *batch = NULL;

    if (!read_body(&call, INGEST_BATCH_BYTES) || !identify(&call))
        return;
    batch = read_batch(&call);
    call.pipeline.batch_context = object_of(&call.body.context);
    call.pipeline.batch_integrations = object_of(&call.body.integrations);
    call.pipeline.batch_sent_at = text_of(exchange, &call.body.sent_at);
    if (call.pipeline.write_key.len == 0 && batch->n_events > 0 &&
        batch->n_events <= INGEST_BATCH_EVENTS)
        put_with_own_keys(&call, batch);
    else
        put_all(&call, batch);
    accept_call(exchange);
}

/* --- the area ----------------------------------------------------------------------- */

/* Any site may send; what a browser asks before it does is answered for every path. */
static bool before(struct exchange *exchange)
{
    exchange_set_header(exchange, "Access-Control-Allow-Origin", "*");
    if (!bytes_eq(exchange->method, BYTES("OPTIONS")))
        return true;
    exchange_set_header(exchange, "Access-Control-Allow-Methods", "POST");
    exchange_set_header(exchange, "Access-Control-Allow-Headers",
                        "Content-Type, Authorization");
    exchange_answer(exchange, 204, NULL);
    return false;
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    if (why == ROUTE_NO_METHOD) {
        exchange_set_header(exchange, "Allow", "POST, OPTIONS");
        refuse(exchange, 405, "method_not_allowed", "the Tracking API takes POST");
        return;
    }
    refuse(exchange, 404, "not_found",
           "the Tracking API has identify, track, page, screen, group, alias and batch");
}

#define EVENT_DIFFERENCE                                                                 \
    "Nothing is lost or late by itself, and 429 is a fault's; the words of a 400 are "   \
    "ours; the body decides whether it is JSON, not Content-Type."
#define SHORT_DIFFERENCE "The short paths of browsers are not documented."
#define BATCH_DIFFERENCE                                                                 \
    "A batch of more than 2,500 events is discarded as a whole, though the documents "   \
    "can be read so that only the excess is; the words of a 400 are ours; a bearer "     \
    "token is not looked at."

static const struct route routes[] = {
    {"POST", "/v1/identify", post_event, FIDELITY_DOCUMENTED, EVENT_DIFFERENCE},
    {"POST", "/v1/track", post_event, FIDELITY_DOCUMENTED, EVENT_DIFFERENCE},
    {"POST", "/v1/page", post_event, FIDELITY_DOCUMENTED, EVENT_DIFFERENCE},
    {"POST", "/v1/screen", post_event, FIDELITY_DOCUMENTED, EVENT_DIFFERENCE},
    {"POST", "/v1/group", post_event, FIDELITY_DOCUMENTED, EVENT_DIFFERENCE},
    {"POST", "/v1/alias", post_event, FIDELITY_DOCUMENTED, EVENT_DIFFERENCE},
    {"POST", "/v1/batch", post_batch, FIDELITY_DOCUMENTED, BATCH_DIFFERENCE},
    {"POST", "/v1/import", post_batch, FIDELITY_OBSERVED, BATCH_DIFFERENCE},
    {"POST", "/v1/i", post_event, FIDELITY_OBSERVED, SHORT_DIFFERENCE},
    {"POST", "/v1/t", post_event, FIDELITY_OBSERVED, SHORT_DIFFERENCE},
    {"POST", "/v1/p", post_event, FIDELITY_OBSERVED, SHORT_DIFFERENCE},
    {"POST", "/v1/s", post_event, FIDELITY_OBSERVED, SHORT_DIFFERENCE},
    {"POST", "/v1/g", post_event, FIDELITY_OBSERVED, SHORT_DIFFERENCE},
    {"POST", "/v1/a", post_event, FIDELITY_OBSERVED, SHORT_DIFFERENCE},
    {.method = NULL},
};

const struct area tracking_area = {
    .title = "Tracking API",
    .prefix = "/v1/",
    .routes = routes,
    .body_bytes = BODY_BYTES,
    .shares_transactions = true,
    .before_fn = before,
    .missing_fn = missing,
};
