/* SPDX-License-Identifier: MIT */

#include "emulator/public/answer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/accept.h"
#include "base/base64.h"
#include "base/err.h"
#include "emulator/frame/exchange.h"
#include "emulator/oauth/bearer.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { MESSAGE_BYTES = 1024, TEXT_BYTES = 4096, CURSOR_BYTES = 64 };

/* In the order in which one is taken when all are welcome alike. */
static const char *const media_types[] = {
    "application/vnd.segment.v1+json",
    "application/json",
    "application/vnd.segment.v1beta+json",
    "application/vnd.segment.v1alpha+json",
};

/* --- answers ------------------------------------------------------------------------ */

const char *public_error_type(int status)
{
    static const struct {
        int status;
        const char *type;
    } types[] = {
        {400, "bad-request"},       {401, "unauthorized"},     {403, "forbidden"},
        {404, "not-found"},         {406, "not-acceptable"},   {409, "conflict"},
        {413, "payload-too-large"}, {422, "input-validation"}, {429, "too-many-requests"},
        {501, "not-implemented"},
    };

    for (size_t i = 0; i < COUNT(types); i++) {
        if (types[i].status == status)
            return types[i].type;
    }
    return "internal-server-error";
}

static void finish(struct exchange *exchange, int status)
{
    exchange_answer(exchange, status,
                    exchange->content_type != NULL ? exchange->content_type
                                                   : media_types[0]);
}

void public_refuse(struct exchange *exchange, int status, const char *field,
                   const char *format, ...)
{
    char message[MESSAGE_BYTES], digits[16];
    struct write write;
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    snprintf(digits, sizeof(digits), "%d", status);
    buf_clear(&exchange->out);
    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "errors");
    write_array(&write);
    write_object(&write);
    write_member_text(&write, "type", public_error_type(status));
    write_member_text(&write, "message", message);
    if (field != NULL)
        write_member_text(&write, "field", field);
    write_member_text(&write, "status", digits);
    write_object_end(&write);
    write_array_end(&write);
    write_object_end(&write);
    finish(exchange, status);
}

void public_refuse_missing(struct exchange *exchange)
{
    public_refuse(exchange, 404, NULL, "The resource was not found.");
}

void public_begin(struct exchange *exchange, struct write *ret_write)
{
    buf_clear(&exchange->out);
    write_init(ret_write, &exchange->out);
    write_object(ret_write);
    write_key(ret_write, "data");
    write_object(ret_write);
}

void public_send(struct exchange *exchange, struct write *write)
{
    write_object_end(write);
    write_object_end(write);
    if (exchange->out.full)
        public_refuse(exchange, 500, NULL, "The answer is larger than %d bytes.",
                      EXCHANGE_ANSWER_BYTES);
    else
        finish(exchange, 200);
}

void public_answer_success(struct exchange *exchange)
{
    struct write write;

    public_begin(exchange, &write);
    write_member_text(&write, "status", "SUCCESS");
    public_send(exchange, &write);
}

bool public_choose_type(struct exchange *exchange)
{
    const struct bytes accept = exchange_header(exchange, "Accept");
    int best = 0;

    exchange->content_type = media_types[0];
    for (size_t i = 0; i < COUNT(media_types); i++) {
        const int quality = accept_quality(accept, bytes_str(media_types[i]));

        if (quality <= best)
            continue;
        best = quality;
        exchange->content_type = media_types[i];
    }
    if (best == 0)
        public_refuse(exchange, 406, NULL,
                      "Accept must be application/vnd.segment.v1+json, v1beta, v1alpha "
                      "or application/json.");
    return best > 0;
}

/* --- bodies ------------------------------------------------------------------------- */

static bool is_known_type(struct bytes content_type)
{
    const struct bytes type = bytes_trim(bytes_take_until(&content_type, ';'));

    for (size_t i = 0; i < COUNT(media_types); i++) {
        if (bytes_eq_nocase(type, bytes_str(media_types[i])))
            return true;
    }
    return false;
}

struct json *public_read_body(struct exchange *exchange)
{
    struct json *json = NULL;
    struct err err = {0};

    if (!is_known_type(exchange_header(exchange, "Content-Type"))) {
        public_refuse(exchange, 400, NULL, "Content-Type must be application/json.");
        return NULL;
    }
    if (json_parse(exchange->body, &json, &err) < 0) {
        public_refuse(exchange, 400, NULL, "The body is not JSON: %s.", err.text);
        return NULL;
    }
    if (json_kind(json) == JSON_OBJECT)
        return json;
    json_free(json);
    public_refuse(exchange, 400, NULL, "The body must be a JSON object.");
    return NULL;
}

static const struct json *member(const struct json *body, const char *field)
{
    const struct json *value = json_get(body, field);

    return json_kind(value) == JSON_NULL ? NULL : value;
}

bool public_read_text(struct exchange *exchange, const struct json *body,
                      const char *field, struct bytes *ret_text)
{
    const struct json *value = member(body, field);

    if (value == NULL)
        return true;
    if (json_kind(value) != JSON_STRING || json_string(value).len > TEXT_BYTES) {
        public_refuse(exchange, 422, field, "%s must be a string of at most %d bytes.",
                      field, TEXT_BYTES);
        return false;
    }
    *ret_text = json_string(value);
    return true;
}

bool public_read_bool(struct exchange *exchange, const struct json *body,
                      const char *field, bool *ret_value)
{
    const struct json *value = member(body, field);

    if (value == NULL)
        return true;
    if (json_kind(value) != JSON_BOOL) {
        public_refuse(exchange, 422, field, "%s must be a boolean.", field);
        return false;
    }
    *ret_value = json_bool(value);
    return true;
}

/* --- rows --------------------------------------------------------------------------- */

struct bytes public_workspace(const struct exchange *exchange)
{
    const struct bearer *caller = exchange->area_data;

    return caller->workspaces;
}

static struct sql_statement *use(struct exchange *exchange, const char *literal,
                                 struct bytes id)
{
    struct sql_statement *row = world_use(exchange->world, literal);

    sql_bind_text(row, 1, public_workspace(exchange));
    sql_bind_text(row, 2, id);
    return row;
}

void public_answer_one(struct exchange *exchange, const char *literal, struct bytes id,
                       const char *name, public_write_fn *write_fn)
{
    struct sql_statement *row = use(exchange, literal, id);
    struct write write;

    if (!world_step(exchange->world, row)) {
        public_refuse_missing(exchange);
        return;
    }
    public_begin(exchange, &write);
    write_key(&write, name);
    write_fn(exchange, row, &write);
    sql_reset(row);
    public_send(exchange, &write);
}

struct bytes public_find(struct exchange *exchange, const char *literal, struct bytes id)
{
    struct sql_statement *row = use(exchange, literal, id);
    struct bytes found = bytes_of(NULL, 0);

    if (world_step(exchange->world, row)) {
        found = sql_bytes(row, 0);
        found = bytes_of(arena_copy(&exchange->arena, found), found.len);
    }
    sql_reset(row);
    return found;
}

/* --- pages -------------------------------------------------------------------------- */

struct page {
    int64_t offset, count;
};

/* pagination.count as documented, pagination[count] as the SDKs write it. */
static struct bytes parameter(struct exchange *exchange, const char *dotted,
                              const char *bracketed)
{
    const struct bytes value = exchange_query(exchange, dotted);

    return value.ptr != NULL ? value : exchange_query(exchange, bracketed);
}

static bool read_cursor(struct bytes cursor, int64_t *ret_offset)
{
    cleanup(buf_done) struct buf text = {0};

    if (cursor.ptr == NULL || cursor.len == 0)
        return true;
    buf_init(&text, CURSOR_BYTES);
    return base64_decode(cursor, &text) && bytes_to_i64(buf_bytes(&text), ret_offset) &&
           *ret_offset >= 0;
}

static bool read_page(struct exchange *exchange, struct page *page)
{
    const struct bytes count =
        parameter(exchange, "pagination.count", "pagination[count]");

    *page = (struct page){.count = PUBLIC_PAGE};
    if (count.ptr != NULL && (!bytes_to_i64(count, &page->count) || page->count < 1 ||
                              page->count > PUBLIC_PAGE_MAX)) {
        public_refuse(exchange, 422, "pagination.count",
                      "pagination.count must be from 1 to %d.", PUBLIC_PAGE_MAX);
        return false;
    }
    if (read_cursor(parameter(exchange, "pagination.cursor", "pagination[cursor]"),
                    &page->offset))
        return true;
    public_refuse(exchange, 422, "pagination.cursor", "pagination.cursor is not valid.");
    return false;
}

static void write_cursor(struct write *write, const char *key, int64_t offset)
{
    char digits[CURSOR_BYTES];
    cleanup(buf_done) struct buf cursor = {0};

    buf_init(&cursor, CURSOR_BYTES * 2);
    snprintf(digits, sizeof(digits), "%lld", (long long)offset);
    base64_encode(bytes_str(digits), &cursor);
    write_member_text(write, key, buf_text(&cursor));
}

static void write_page(struct write *write, const struct page *page, int64_t total)
{
    write_key(write, "pagination");
    write_object(write);
    write_cursor(write, "current", page->offset);
    if (page->offset < total - page->count)
        write_cursor(write, "next", page->offset + page->count);
    if (page->offset > 0)
        write_cursor(write, "previous",
                     page->offset > page->count ? page->offset - page->count : 0);
    write_member_i64(write, "totalEntries", total);
    write_object_end(write);
}

void public_answer_list(struct exchange *exchange, const struct public_list *list)
{
    struct world *world = exchange->world;
    struct sql_statement *rows;
    struct write write;
    struct page page;

    if (!read_page(exchange, &page))
        return;
    rows = world_use(world, list->rows);
    sql_bind_text(rows, 1, list->of);
    sql_bind(rows, 2, page.count);
    sql_bind(rows, 3, page.offset);
    public_begin(exchange, &write);
    write_key(&write, list->member);
    write_array(&write);
    while (world_step(world, rows))
        list->write_fn(exchange, rows, &write);
    write_array_end(&write);
    write_page(&write, &page, world_number(world, list->count, list->of, 0));
    public_send(exchange, &write);
}
