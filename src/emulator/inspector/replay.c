/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/replay.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/mem.h"
#include "emulator/frame/alarm.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/inspector/inspector.h"
#include "emulator/inspector/inspector_show.h"
#include "emulator/inspector/masking.h"
#include "emulator/world/world.h"
#include "net/client.h"

enum { TIMEOUT_MS = 70000, MAX_HEADERS = 32, KEY_BYTES = 1024, NUMBER_BYTES = 24 };

struct errand {
    struct exchange *exchange; /* its arena holds all texts */
    replay_done_fn *fn;
    struct alarm alarm; /* to the emulator's own thread */
    struct client_call *call;
    struct client_request request;
    struct client_header headers[MAX_HEADERS + 3];
    char number[NUMBER_BYTES];
};

enum replay_credential replay_credential_of(struct bytes text)
{
    if (bytes_eq(text, BYTES("app")))
        return REPLAY_APP;
    if (bytes_eq(text, BYTES("bearer")))
        return REPLAY_BEARER;
    return bytes_eq(text, BYTES("write_key")) ? REPLAY_WRITE_KEY : REPLAY_NOBODY;
}

static struct bytes keep(struct errand *errand, struct bytes bytes)
{
    return bytes_of(arena_copy(&errand->exchange->arena, bytes), bytes.len);
}

static void add_header(struct errand *errand, struct bytes name, struct bytes value)
{
    errand->headers[errand->request.n_headers++] =
        (struct client_header){.name = keep(errand, name), .value = keep(errand, value)};
}

/* --- the credential ----------------------------------------------------------------- */

static void add_basic(struct errand *errand, struct bytes name, struct bytes password)
{
    cleanup(buf_done) struct buf pair = {0};
    cleanup(buf_done) struct buf value = {0};

    buf_init(&pair, 2 * KEY_BYTES);
    buf_init(&value, 4 * KEY_BYTES);
    buf_add(&pair, name);
    buf_add_char(&pair, ':');
    buf_add(&pair, password);
    buf_add_text(&value, "Basic ");
    base64_encode(buf_bytes(&pair), &value);
    add_header(errand, BYTES("Authorization"), buf_bytes(&value));
}

static void add_app(struct errand *errand)
{
    struct world *world = errand->exchange->world;
    struct sql_statement *row =
        world_use(world, "SELECT client_id, client_secret FROM app WHERE id = 1");

    if (world_step(world, row))
        add_basic(errand, sql_bytes(row, 0), sql_bytes(row, 1));
    sql_reset(row);
}

static void add_credential(struct errand *errand, const struct replay *replay)
{
    const struct bytes secret = bytes_slice(bytes_trim(replay->secret), 0, KEY_BYTES);

    switch (replay->credential) {
    case REPLAY_NOBODY:
        return;
    case REPLAY_APP:
        add_app(errand);
        return;
    case REPLAY_BEARER:
        add_header(errand, BYTES("Authorization"),
                   bytes_str(arena_printf(&errand->exchange->arena, "Bearer %.*s",
                                          BYTES_FMT(secret))));
        return;
    case REPLAY_WRITE_KEY:
        add_basic(errand, secret, BYTES(""));
        return;
    }
}

/* --- the request -------------------------------------------------------------------- */

static bool is_marked(struct bytes text)
{
    return bytes_find(text, BYTES(MASKING_MARK)) < text.len;
}

static void add_headers(struct errand *errand, struct bytes lines)
{
    while (lines.len > 0 && errand->request.n_headers < MAX_HEADERS) {
        struct bytes value = bytes_take_until(&lines, '\n');
        const struct bytes name = bytes_trim(bytes_take_until(&value, ':'));

        if (name.len > 0 && !is_marked(value) && !inspector_is_clients_own(name) &&
            !bytes_eq_nocase(name, BYTES("X-Emulator-World")))
            add_header(errand, name, bytes_trim(value));
    }
}

static void fill(struct errand *errand, const struct replay *replay)
{
    struct exchange *exchange = errand->exchange;
    struct client_request *request = &errand->request;
    const int port = replay->is_public ? emulator_public_port(exchange->emulator)
                                       : emulator_port(exchange->emulator);

    request->headers = errand->headers;
    request->method = keep(errand, replay->method);
    request->url = bytes_str(arena_printf(&exchange->arena, "http://127.0.0.1:%d%.*s",
                                          port, BYTES_FMT(replay->target)));
    request->body = keep(errand, replay->body);
    request->has_body = replay->body.len > 0;
    request->keeps_redirects = true;
    request->timeout_ms = TIMEOUT_MS;
    request->egress = emulator_parts(exchange->emulator)->egress;
    add_headers(errand, replay->headers);
    snprintf(errand->number, sizeof(errand->number), "%llu",
             (unsigned long long)replay->number);
    add_header(errand, BYTES("X-Emulator-Replay"), bytes_str(errand->number));
    add_header(errand, BYTES("X-Emulator-World"), bytes_str(exchange->world->name));
    add_credential(errand, replay);
}

/* --- under way ---------------------------------------------------------------------- */

/* The newest record that says whose replay it is. */
static const struct inspector_call *find_record(const struct errand *errand)
{
    struct inspector *inspector = errand->exchange->world->inspector;
    const char *line =
        arena_printf(&errand->exchange->arena, "X-Emulator-Replay: %s\n", errand->number);
    const struct inspector_call *call = NULL;

    while ((call = inspector_next(inspector, call)) != NULL) {
        if (bytes_find(call->request_headers, bytes_str(line)) <
            call->request_headers.len)
            return call;
    }
    return NULL;
}

static void on_done(void *arg, const struct client_response *response)
{
    struct errand *errand = arg;
    struct exchange *exchange = errand->exchange;
    struct emulator *emulator = exchange->emulator;

    (void)response; /* the record says it all */
    emulator_enter(emulator);
    exchange->abandoned_fn = NULL;
    errand->fn(exchange, find_record(errand));
    free(errand);
    exchange_finish(exchange);
    emulator_leave(emulator);
}

static void start(void *arg)
{
    struct errand *errand = arg;
    struct emulator *emulator = errand->exchange->emulator;

    errand->call =
        client_start(emulator_parts(emulator)->client, &errand->request, on_done, errand);
}

static void abandon(struct exchange *exchange)
{
    struct errand *errand = exchange->area_data;

    alarm_stop(&errand->alarm);
    if (errand->call != NULL)
        client_cancel(errand->call);
    free(errand);
}

/* --- what is asked ------------------------------------------------------------------ */

/* The credential that the call had, as far as its scheme tells. */
static enum replay_credential guess(const struct inspector_call *call)
{
    const struct bytes headers = call->request_headers;

    if (bytes_find(headers, BYTES("uthorization: Bearer ")) < headers.len)
        return REPLAY_BEARER;
    if (bytes_find(headers, BYTES("uthorization: Basic ")) == headers.len)
        return REPLAY_NOBODY;
    return call->where != NULL && strcmp(call->where, "tracking") == 0 ? REPLAY_WRITE_KEY
                                                                       : REPLAY_APP;
}

/* Headers that a replay sends again. */
static struct bytes repeated_headers(struct exchange *exchange,
                                     const struct inspector_call *call)
{
    cleanup(buf_done) struct buf text = {0};
    struct bytes lines = call->request_headers;

    buf_init(&text, lines.len + 1);
    while (lines.len > 0) {
        const struct bytes line = bytes_take_until(&lines, '\n');
        const struct bytes name = bytes_slice(line, 0, bytes_index(line, ':'));

        if (inspector_is_clients_own(name) || is_marked(line))
            continue;
        buf_add(&text, line);
        buf_add_char(&text, '\n');
    }
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

void replay_of(struct exchange *exchange, const struct inspector_call *call,
               struct replay *ret_replay)
{
    *ret_replay = (struct replay){
        .number = call->number,
        .is_public = call->where != NULL && strcmp(call->where, "public") == 0,
        .method = call->method,
        .target = call->target,
        .headers = repeated_headers(exchange, call),
        .body = call->request_body,
        .credential = guess(call),
    };
}

static bool is_one_line(struct bytes text)
{
    return bytes_index(text, '\n') == text.len && bytes_index(text, '\r') == text.len;
}

/* As the inspector says that it did not keep a body, or not all of it. */
static bool is_cut(struct bytes body)
{
    return bytes_ends(body, BYTES(" bytes, no text)")) ||
           (bytes_ends(body, BYTES(" bytes)")) &&
            bytes_find(body, BYTES("… (")) < body.len);
}

const char *replay_problem(const struct replay *replay)
{
    if (replay->target.len == 0 || replay->target.ptr[0] != '/')
        return "the target is a path, such as /v1beta/workspaces";
    if (!is_one_line(replay->target))
        return "the target is one line";
    if (replay->method.len == 0 || replay->method.len > 16)
        return "the method is one such as POST";
    if (is_marked(replay->target) || is_marked(replay->body))
        return "what was hidden as " MASKING_MARK
               " is not known any more: type it again, then replay";
    if (is_cut(replay->body))
        return "the body was not kept whole: type it again, then replay";
    if ((replay->credential == REPLAY_BEARER || replay->credential == REPLAY_WRITE_KEY) &&
        bytes_trim(replay->secret).len == 0)
        return "the token or key that was sent then is not kept: give one, or ask as "
               "somebody else";
    return NULL;
}

void replay_start(struct exchange *exchange, const struct replay *replay,
                  replay_done_fn *fn)
{
    struct errand *errand = mem_new(struct errand);

    errand->exchange = exchange;
    errand->fn = fn;
    fill(errand, replay);
    exchange->area_data = errand;
    exchange->abandoned_fn = abandon;
    exchange_defer(exchange);
    alarm_set_in(exchange->emulator, &errand->alarm, 0, start, errand);
}
