/* SPDX-License-Identifier: MIT */

#include "emulator/config/answer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/base64.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { MESSAGE_BYTES = 1024, VALUE_BYTES = 8 << 20, TOKEN_BYTES = 64 };

static const struct {
    enum config_code code;
    int status;
} statuses[] = {
    {CONFIG_INVALID, 400},         {CONFIG_NOT_FOUND, 404}, {CONFIG_EXISTS, 409},
    {CONFIG_DENIED, 403},          {CONFIG_EXHAUSTED, 429}, {CONFIG_UNIMPLEMENTED, 501},
    {CONFIG_UNAUTHENTICATED, 401},
};

static int status_of(enum config_code code)
{
    for (size_t i = 0; i < COUNT(statuses); i++) {
        if (statuses[i].code == code)
            return statuses[i].status;
    }
    return 500;
}

/* What has been written is JSON without white space: laid out, it is the answer. */
static void send(struct exchange *exchange, int status)
{
    struct buf compact = exchange->out;

    exchange->out = (struct buf){0};
    buf_init(&exchange->out, EXCHANGE_ANSWER_BYTES);
    exchange_indented(exchange, status, buf_bytes(&compact), 1);
    buf_done(&compact);
}

void config_begin(struct exchange *exchange, struct write *ret_write)
{
    buf_clear(&exchange->out);
    write_init(ret_write, &exchange->out);
}

void config_refuse(struct exchange *exchange, enum config_code code, const char *format,
                   ...)
{
    char message[MESSAGE_BYTES];
    struct write write;
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    config_begin(exchange, &write);
    write_object(&write);
    write_member_text(&write, "error", message);
    write_member_i64(&write, "code", (int64_t)code);
    write_object_end(&write);
    send(exchange, status_of(code));
}

void config_refuse_missing(struct exchange *exchange)
{
    config_refuse(exchange, CONFIG_NOT_FOUND, "not found");
}

void config_send(struct exchange *exchange)
{
    if (exchange->out.full)
        config_refuse(exchange, CONFIG_INTERNAL, "the answer is larger than %d bytes",
                      EXCHANGE_ANSWER_BYTES);
    else
        send(exchange, 200);
}

void config_answer_nothing(struct exchange *exchange)
{
    exchange_json(exchange, 200, BYTES("{}"));
}

/* --- pages -------------------------------------------------------------------------- */

static int64_t page_size(struct exchange *exchange)
{
    int64_t size;

    if (!bytes_to_i64(exchange_query(exchange, "page_size"), &size) || size <= 0)
        return CONFIG_PAGE;
    return size < CONFIG_PAGE ? size : CONFIG_PAGE;
}

/* "after 17", so that nobody is tempted to count with it. */
static bool read_token(struct exchange *exchange, int64_t *ret_after)
{
    const struct bytes token = exchange_query(exchange, "page_token");
    const struct bytes word = BYTES("after ");
    cleanup(buf_done) struct buf text = {0};

    *ret_after = 0;
    if (token.len == 0)
        return true;
    buf_init(&text, TOKEN_BYTES);
    return base64_decode(token, &text) && bytes_starts(buf_bytes(&text), word) &&
           bytes_to_i64(bytes_slice(buf_bytes(&text), word.len, text.len), ret_after) &&
           *ret_after > 0;
}

static void write_token(struct write *write, int64_t after)
{
    char plain[TOKEN_BYTES];
    cleanup(buf_done) struct buf token = {0};

    buf_init(&token, TOKEN_BYTES * 2);
    snprintf(plain, sizeof(plain), "after %lld", (long long)after);
    base64_encode(bytes_str(plain), &token);
    write_member_text(write, "next_page_token", after > 0 ? buf_text(&token) : "");
}

/* Writes up to @size resources; the rowid of the last when there are more, else 0. */
static int64_t write_rows(struct exchange *exchange, const struct config_list *list,
                          struct sql_statement *rows, int64_t size, struct write *write)
{
    int64_t last = 0;

    for (int64_t n = 0; world_step(exchange->world, rows); n++) {
        if (n == size) {
            sql_reset(rows);
            return last;
        }
        last = sql_i64(rows, 0);
        list->write_fn(exchange, rows, write);
    }
    return 0;
}

void config_answer_list(struct exchange *exchange, const struct config_list *list)
{
    const int64_t size = page_size(exchange);
    struct sql_statement *rows;
    struct write write;
    int64_t after;

    if (!read_token(exchange, &after)) {
        config_refuse(exchange, CONFIG_INVALID, "invalid page_token");
        return;
    }
    rows = world_use(exchange->world, list->literal);
    sql_bind_text(rows, 1, list->of);
    sql_bind(rows, 2, after);
    sql_bind(rows, 3, size + 1);
    config_begin(exchange, &write);
    write_object(&write);
    write_key(&write, list->member);
    write_array(&write);
    after = write_rows(exchange, list, rows, size, &write);
    write_array_end(&write);
    write_token(&write, after);
    write_object_end(&write);
    config_send(exchange);
}

/* --- single ones -------------------------------------------------------------------- */

void config_answer_one(struct exchange *exchange, const char *literal, struct bytes name,
                       config_write_fn *write_fn)
{
    struct sql_statement *row = world_use(exchange->world, literal);
    struct write write;

    sql_bind_text(row, 1, name);
    if (!world_step(exchange->world, row)) {
        config_refuse_missing(exchange);
        return;
    }
    config_begin(exchange, &write);
    write_fn(exchange, row, &write);
    sql_reset(row);
    config_send(exchange);
}

bool config_exists(struct world *world, const char *literal, struct bytes name)
{
    struct sql_statement *row = world_use(world, literal);
    bool is_there;

    sql_bind_text(row, 1, name);
    is_there = world_step(world, row);
    sql_reset(row);
    return is_there;
}

/* --- members ------------------------------------------------------------------------ */

void config_write_workspace_name(struct write *write, const char *key, struct bytes slug)
{
    cleanup(buf_done) struct buf name = {0};

    buf_init(&name, MESSAGE_BYTES);
    buf_add_text(&name, "workspaces/");
    buf_add(&name, slug);
    write_member_string(write, key, buf_bytes(&name));
}

void config_write_json(struct write *write, const char *key, struct bytes json,
                       const char *otherwise)
{
    write_member_raw(write, key, json.len > 0 ? json : bytes_str(otherwise));
}

void config_write_node(struct write *write, const char *key, const struct json *node,
                       const char *otherwise)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, VALUE_BYTES);
    if (json_kind(node) != JSON_MISSING && json_kind(node) != JSON_NULL)
        json_print(node, /* indented= */ false, &text);
    config_write_json(write, key, buf_bytes(&text), otherwise);
}
