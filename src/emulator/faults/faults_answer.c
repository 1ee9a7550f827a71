/* SPDX-License-Identifier: MIT */

/* Faults of the answers that we give. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/alarm.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/limits.h"
#include "emulator/frame/route.h"
#include "emulator/inspector/inspector.h"
#include "emulator/public/answer.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

/* Shorter than the listener's own patience: what ends it is the fault, not a 503. */
enum { HANG_MS = 80 * 1000, RATE_WAIT_MS = 1000, WORDS_BYTES = 1024 };

/* --- where -------------------------------------------------------------------------- */

static bool is_public(const struct area *area)
{
    for (size_t i = 0; public_areas[i] != NULL; i++) {
        if (public_areas[i] == area)
            return true;
    }
    return false;
}

static bool is_refresh(const struct exchange *exchange)
{
    return bytes_starts(exchange->route_path, BYTES("/v1beta/install")) &&
           bytes_ends(exchange->route_path, BYTES("/token"));
}

const char *faults_where(const struct exchange *exchange)
{
    const struct bytes path = exchange->route_path;

    if (exchange->area->is_own)
        return NULL;
    if (is_public(exchange->area))
        return "public";
    if (bytes_eq(path, BYTES("/oauth2/auth")))
        return "auth";
    if (bytes_eq(path, BYTES("/oauth2/token")))
        return "token";
    if (is_refresh(exchange))
        return "refresh";
    if (bytes_starts(path, BYTES("/v1beta/")))
        return "config";
    return bytes_starts(path, BYTES("/v1/")) ? "tracking" : NULL;
}

static struct fault draw(struct exchange *exchange, const enum fault_what *wanted,
                         size_t n_wanted)
{
    const char *where = faults_where(exchange);
    struct fault fault = {0};

    if (where == NULL || exchange->fault != 0)
        return fault;
    fault = faults_draw(exchange->world, where, exchange->method, exchange->route_path,
                        wanted, n_wanted);
    if (fault.id != 0) {
        exchange->fault = fault.id;
        exchange->fault_delay_ms = fault.delay_ms;
    }
    return fault;
}

bool faults_hits(struct exchange *exchange, enum fault_what what)
{
    return draw(exchange, &what, 1).id != 0;
}

int64_t faults_take_rate(struct exchange *exchange, struct bytes who)
{
    if (faults_hits(exchange, FAULT_RATE_LIMIT))
        return RATE_WAIT_MS;
    return limits_take(exchange->world->limits, who, world_now_ms(exchange->world));
}

/* --- a status in the words of its area ---------------------------------------------- */

static int grpc_code(int status)
{
    static const struct {
        int status, code;
    } codes[] = {{400, 3}, {401, 16}, {403, 7},  {404, 5},  {409, 6},
                 {429, 8}, {500, 13}, {501, 12}, {503, 14}, {504, 4}};

    for (size_t i = 0; i < COUNT(codes); i++) {
        if (codes[i].status == status)
            return codes[i].code;
    }
    return 2; /* unknown */
}

static const char *words_of(int status)
{
    static const struct {
        int status;
        const char *words;
    } words[] = {{400, "invalid request"},        {401, "unauthenticated"},
                 {403, "insufficient scope"},     {404, "not found"},
                 {409, "already exists"},         {429, "rate limit exceeded"},
                 {500, "internal error"},         {501, "not implemented"},
                 {503, "temporarily unavailable"}};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (words[i].status == status)
            return words[i].words;
    }
    return "failed";
}

static const char *oauth_error(int status)
{
    if (status == 503 || status == 429)
        return "temporarily_unavailable";
    if (status == 401)
        return "invalid_client";
    return status >= 500 ? "server_error" : "invalid_request";
}

static void write_oauth(struct write *write, const struct fault *fault)
{
    write_member_text(write, "error", oauth_error(fault->status));
    write_member_text(write, "error_description", words_of(fault->status));
    write_member_text(write, "error_hint", "");
    write_member_i64(write, "status_code", fault->status);
}

static const char *tracking_code(int status)
{
    if (status == 429)
        return "too_many_requests";
    return status >= 500 ? "internal_error" : "bad_request";
}

static void write_tracking(struct write *write, const struct fault *fault)
{
    write_member_bool(write, "success", false);
    write_member_text(write, "code", tracking_code(fault->status));
    write_member_text(write, "message", words_of(fault->status));
    write_member_text(write, "error", words_of(fault->status));
}

static void write_public(struct write *write, const struct fault *fault)
{
    char digits[16];

    snprintf(digits, sizeof(digits), "%d", fault->status);
    write_key(write, "errors");
    write_array(write);
    write_object(write);
    write_member_text(write, "type", public_error_type(fault->status));
    write_member_text(write, "message", words_of(fault->status));
    write_member_text(write, "status", digits);
    write_object_end(write);
    write_array_end(write);
}

static void write_config(struct write *write, const struct fault *fault)
{
    write_member_text(write, "error", words_of(fault->status));
    write_member_i64(write, "code",
                     fault->code >= 0 ? fault->code : grpc_code(fault->status));
}

static void write_own_words(struct exchange *exchange, const struct fault *fault,
                            struct buf *words)
{
    const char *where = faults_where(exchange);
    struct write write;

    write_init(&write, words);
    write_object(&write);
    if (strcmp(where, "auth") == 0 || strcmp(where, "token") == 0)
        write_oauth(&write, fault);
    else if (strcmp(where, "tracking") == 0)
        write_tracking(&write, fault);
    else if (strcmp(where, "public") == 0)
        write_public(&write, fault);
    else
        write_config(&write, fault);
    write_object_end(&write);
}

/* What the fault's maker wants said: text as text, else as JSON. */
static bool write_given_words(struct exchange *exchange, unsigned id)
{
    struct sql_statement *row =
        world_use(exchange->world, "SELECT body FROM fault WHERE id = ?1");
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    sql_bind(row, 1, id);
    if (world_step(exchange->world, row) && !sql_is_null(row, 0) &&
        json_parse(sql_bytes(row, 0), &json, &err) == 0) {
        if (json_kind(json) == JSON_STRING)
            buf_add(&exchange->out, json_string(json));
        else
            buf_add(&exchange->out, sql_bytes(row, 0));
    }
    sql_reset(row);
    return json != NULL;
}

/* Laid out as the role's other answers are. */
static unsigned indent_of(const char *where)
{
    return strcmp(where, "config") == 0 || strcmp(where, "refresh") == 0 ? 1 : 0;
}

static void answer_own_words(struct exchange *exchange, const struct fault *fault)
{
    cleanup(buf_done) struct buf words = {0};
    const unsigned indent_by = indent_of(faults_where(exchange));

    buf_init(&words, WORDS_BYTES);
    write_own_words(exchange, fault, &words);
    if (indent_by > 0)
        exchange_indented(exchange, fault->status, buf_bytes(&words), indent_by);
    else
        exchange_json(exchange, fault->status, buf_bytes(&words));
}

static void answer_status(struct exchange *exchange, const struct fault *fault)
{
    exchange_restart(exchange);
    if (!write_given_words(exchange, fault->id))
        answer_own_words(exchange, fault);
    exchange_answer(exchange, fault->status, "application/json");
    exchange->fidelity = FIDELITY_GUESS;
    if (fault->status == 429 || fault->status == 503)
        exchange_set_header(exchange, "Retry-After", "1");
    if (fault->status == 429 && strcmp(faults_where(exchange), "tracking") == 0)
        exchange_set_header(exchange, "X-RateLimit-Reset", "1");
}

/* --- before and after --------------------------------------------------------------- */

static void answer_loop(struct exchange *exchange)
{
    const struct bytes target = exchange_target(exchange);

    exchange_restart(exchange);
    exchange_redirect(exchange, 302, target.ptr);
}

/* Nobody sees an answer, so the line in the inspector comes now. */
static void hang(struct exchange *exchange)
{
    exchange->spoil = SERVER_HANG_UP;
    inspector_add(exchange->world->inspector, exchange);
    exchange_finish_in(exchange, HANG_MS);
}

bool faults_before(struct exchange *exchange)
{
    /* The last one: the other roles with a limit ask for it themselves. */
    static const enum fault_what wanted[] = {FAULT_STATUS, FAULT_HANG, FAULT_CLOSE,
                                             FAULT_REDIRECT_LOOP, FAULT_RATE_LIMIT};
    const char *where = faults_where(exchange);
    const bool is_tracking = where != NULL && strcmp(where, "tracking") == 0;
    struct fault fault = draw(exchange, wanted, COUNT(wanted) - !is_tracking);

    if (fault.id == 0)
        return false;
    if (fault.what == FAULT_RATE_LIMIT)
        fault.status = 429;
    if (fault.what == FAULT_STATUS || fault.what == FAULT_RATE_LIMIT)
        answer_status(exchange, &fault);
    else if (fault.what == FAULT_REDIRECT_LOOP)
        answer_loop(exchange);
    else if (fault.what == FAULT_HANG)
        hang(exchange);
    else
        exchange->spoil = SERVER_HANG_UP;
    return true;
}

static void cut(struct exchange *exchange, const struct fault *fault)
{
    const size_t half = exchange->out.len / 2;

    exchange->spoil = SERVER_CUT;
    exchange->cut_after = fault->after_bytes >= 0 ? (size_t)fault->after_bytes : half;
}

/* Half an answer in a whole message: the connection has no part in it. */
static void break_json(struct exchange *exchange)
{
    static const char tail[] = ", <truncated";
    const size_t half = exchange->out.len / 2;

    exchange->out.len = half;
    buf_add_text(&exchange->out, tail);
}

static void spoil(struct exchange *exchange, const struct fault *fault)
{
    if (fault->what == FAULT_CUT)
        cut(exchange, fault);
    else if (fault->what == FAULT_CONTENT_TYPE)
        exchange->content_type = "text/html; charset=utf-8";
    else if (fault->what == FAULT_BAD_JSON)
        break_json(exchange);
    else if (fault->what == FAULT_CONTENT_LENGTH)
        exchange->spoil = SERVER_SHORT_LENGTH;
}

bool faults_after(struct exchange *exchange)
{
    static const enum fault_what wanted[] = {FAULT_DELAY, FAULT_CUT, FAULT_CONTENT_TYPE,
                                             FAULT_BAD_JSON, FAULT_CONTENT_LENGTH};
    const struct fault fault = draw(exchange, wanted, COUNT(wanted));

    const int64_t delay_ms = exchange->fault_delay_ms;

    spoil(exchange, &fault);
    exchange->fault_delay_ms = 0; /* it comes by here again */
    if (delay_ms > 0)
        exchange_finish_in(exchange, delay_ms);
    return delay_ms > 0;
}
