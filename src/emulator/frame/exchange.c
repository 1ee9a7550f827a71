/* SPDX-License-Identifier: MIT */

#include "emulator/frame/exchange.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/route.h"
#include "emulator/inspector/inspector.h"
#include "emulator/world/world.h"
#include "sys/clock.h"
#include "json/indent.h"
#include "json/json.h"
#include "json/write.h"

enum { MESSAGE_BYTES = 1024, NUMBER_BYTES = 16 };

const char *fidelity_text(enum fidelity fidelity)
{
    static const char *const texts[] = {"guess", "observed", "documented"};

    return texts[fidelity];
}

/* --- the request -------------------------------------------------------------------- */

static bool is_plain(char c, const char *marks)
{
    const char lower = (char)(c | 0x20);

    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') ||
           (c != '\0' && strchr(marks, c) != NULL);
}

static void add_encoded(struct buf *text, struct bytes raw, const char *marks)
{
    while (raw.len > 0) {
        size_t len = 0;

        while (len < raw.len && is_plain(raw.ptr[len], marks))
            len++;
        buf_add(text, bytes_slice(raw, 0, len));
        if (len < raw.len)
            buf_addf(text, "%%%02X", (unsigned char)raw.ptr[len]);
        raw = bytes_slice(raw, len + 1, raw.len);
    }
}

/* The server hands out decoded parameters; a query is what they are encoded. */
static void add_parameter(void *arg, struct bytes name, struct bytes value)
{
    static const char plain[] = "-._~!$'()*,:@/?";
    struct buf *text = arg;

    if (text->len > 0)
        buf_add_char(text, '&');
    add_encoded(text, name, plain);
    if (value.ptr != NULL) {
        buf_add_char(text, '=');
        add_encoded(text, value, plain);
    }
}

static struct bytes keep(struct arena *arena, struct bytes bytes)
{
    if (bytes.ptr == NULL)
        return bytes;
    return bytes_of(arena_copy(arena, bytes), bytes.len);
}

struct exchange *exchange_new(struct emulator *emulator, struct world *world,
                              struct server_request *request)
{
    struct exchange *exchange = mem_new(struct exchange);
    cleanup(buf_done) struct buf query = {0};

    buf_init(&query, 1 << 18);
    arena_init(&exchange->arena);
    buf_init(&exchange->out, EXCHANGE_ANSWER_BYTES);
    exchange->emulator = emulator;
    exchange->world = world;
    exchange->request = request;
    exchange->began_us = server_began_us(request);
    exchange->method = keep(&exchange->arena, server_method(request));
    exchange->path = keep(&exchange->arena, server_path(request));
    exchange->authorization =
        keep(&exchange->arena, server_header(request, "Authorization"));
    exchange->body = server_body(request);
    server_each_query(request, add_parameter, &query);
    exchange->query = keep(&exchange->arena, buf_bytes(&query));
    exchange->status = 200;
    return exchange;
}

struct bytes exchange_target(struct exchange *exchange)
{
    cleanup(buf_done) struct buf target = {0};

    buf_init(&target, 1 << 18);
    add_encoded(&target, exchange->path, "-._~!$&'()*+,;=:@/");
    if (exchange->query.len > 0) {
        buf_add_char(&target, '?');
        buf_add(&target, exchange->query);
    }
    return keep(&exchange->arena, buf_bytes(&target));
}

struct bytes exchange_header(struct exchange *exchange, const char *name)
{
    return keep(&exchange->arena, server_header(exchange->request, name));
}

struct bytes exchange_query(struct exchange *exchange, const char *name)
{
    return keep(&exchange->arena, server_query(exchange->request, name));
}

struct json *exchange_read_object(struct exchange *exchange)
{
    struct err err = {0};
    struct json *json = NULL;

    if (json_parse(exchange->body, &json, &err) < 0) {
        exchange_refuse(exchange, 400, "the body is not JSON: %s", err.text);
        return NULL;
    }
    if (json_kind(json) != JSON_OBJECT) {
        json_free(json);
        exchange_refuse(exchange, 400, "the body must be a JSON object");
        return NULL;
    }
    return json;
}

/* --- the answer --------------------------------------------------------------------- */

void exchange_set_header(struct exchange *exchange, const char *name, const char *value)
{
    struct server_header *header = &exchange->headers[exchange->n_headers];

    if (exchange->n_headers == EXCHANGE_HEADERS)
        return;
    header->name = arena_text(&exchange->arena, name);
    header->value = arena_text(&exchange->arena, value);
    exchange->n_headers++;
}

void exchange_answer(struct exchange *exchange, int status, const char *content_type)
{
    exchange->status = status;
    exchange->content_type = content_type;
}

void exchange_restart(struct exchange *exchange)
{
    buf_clear(&exchange->out);
    exchange->n_headers = 0;
    exchange->headers[0] = (struct server_header){0};
}

void exchange_json(struct exchange *exchange, int status, struct bytes json)
{
    exchange_answer(exchange, status, "application/json");
    buf_clear(&exchange->out);
    buf_add(&exchange->out, json);
}

void exchange_indented(struct exchange *exchange, int status, struct bytes json,
                       unsigned indent_by)
{
    exchange_answer(exchange, status, "application/json");
    buf_clear(&exchange->out);
    indent_print(json, indent_by, &exchange->out);
}

void exchange_redirect(struct exchange *exchange, int status, const char *location)
{
    exchange_answer(exchange, status, NULL);
    buf_clear(&exchange->out);
    exchange_set_header(exchange, "Location", location);
}

void exchange_refuse(struct exchange *exchange, int status, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    struct write write;
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    exchange_answer(exchange, status, "application/json");
    buf_clear(&exchange->out);
    write_init(&write, &exchange->out);
    write_object(&write);
    write_member_text(&write, "message", message);
    write_object_end(&write);
}

/* --- sending ------------------------------------------------------------------------ */

static void free_exchange(struct exchange *exchange)
{
    alarm_stop(&exchange->alarm);
    if (exchange->is_deferred)
        list_remove(&emulator_parts(exchange->emulator)->deferred, &exchange->link);
    buf_done(&exchange->out);
    arena_done(&exchange->arena);
    free(exchange);
}

/* An answer that did not fit would be half of one. */
static void check_size(struct exchange *exchange)
{
    if (!exchange->out.full)
        return;
    exchange_restart(exchange);
    exchange_refuse(exchange, 500, "the answer is larger than %d bytes",
                    EXCHANGE_ANSWER_BYTES);
}

static void mark(struct exchange *exchange)
{
    char number[NUMBER_BYTES];

    exchange_set_header(exchange, "X-Emulator-Fidelity",
                        fidelity_text(exchange->fidelity));
    snprintf(number, sizeof(number), "f%u", exchange->fault);
    if (exchange->fault != 0)
        exchange_set_header(exchange, "X-Emulator-Fault", number);
}

static void send_answer(struct exchange *exchange)
{
    struct server_answer answer = {
        .status = exchange->status,
        .content_type = exchange->content_type,
        .body = buf_bytes(&exchange->out),
        .close = exchange->closes,
        .spoil = exchange->spoil,
        .cut_after = exchange->cut_after,
    };

    for (size_t i = 0; i < exchange->n_headers; i++)
        answer.headers[i] = exchange->headers[i];
    server_answer(exchange->request, &answer);
}

void exchange_defer(struct exchange *exchange)
{
    if (exchange->is_deferred)
        return;
    list_push(&emulator_parts(exchange->emulator)->deferred, &exchange->link);
    exchange->is_deferred = true;
    inspector_note(exchange); /* later its headers are gone */
}

static void finish_now(void *arg)
{
    exchange_finish(arg);
}

void exchange_finish_in(struct exchange *exchange, int64_t delay_ms)
{
    exchange_defer(exchange);
    alarm_set_in(exchange->emulator, &exchange->alarm, delay_ms, finish_now, exchange);
}

static void send_out(struct exchange *exchange)
{
    if (!exchange->is_streaming) {
        check_size(exchange);
        mark(exchange);
        inspector_add(exchange->world->inspector, exchange);
        send_answer(exchange);
    }
    free_exchange(exchange);
}

void exchange_finish(struct exchange *exchange)
{
    if (exchange->is_streaming || !faults_after(exchange))
        send_out(exchange);
}

static void abandon(struct exchange *exchange)
{
    if (exchange->abandoned_fn != NULL)
        exchange->abandoned_fn(exchange);
    exchange_restart(exchange);
    exchange_refuse(exchange, 503, "the local Segment is stopping");
    send_out(exchange);
}

void exchange_end_all(struct emulator *emulator, const struct world *world)
{
    struct list_link *next;

    for (struct list_link *link = emulator_parts(emulator)->deferred.first; link != NULL;
         link = next) {
        struct exchange *exchange = list_entry(link, struct exchange, link);

        next = link->next;
        if (world == NULL || exchange->world == world)
            abandon(exchange);
    }
}
