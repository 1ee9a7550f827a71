/* SPDX-License-Identifier: MIT */

#include "json/write.h"

#include "base/time_text.h"
#include "json/compact.h"
#include "json/number.h"
#include "json/text.h"
#include "json/walk.h"

void write_init(struct write *write, struct buf *out)
{
    *write = (struct write){.out = out};
}

/* A refused piece latches in the buf, so the answers of buf_add are not looked at. */
static void put(struct write *write, const char *ptr, size_t len)
{
    (void)buf_add(write->out, bytes_of(ptr, len));
}

static void begin_value(struct write *write)
{
    if (write->need_comma)
        put(write, ",", 1);
    write->need_comma = true;
}

/* What begins a value, @text as it is between quotes, and @end, in one piece: these are
 * most of what is written. */
static void put_quoted(struct write *write, struct bytes text, struct bytes end)
{
    const size_t len = write->need_comma + 1 + text.len + end.len;
    char *room = buf_room(write->out, len);

    if (room == NULL)
        return;
    if (write->need_comma)
        *room++ = ',';
    *room++ = '"';
    if (text.len > 0)
        memcpy(room, text.ptr, text.len);
    memcpy(room + text.len, end.ptr, end.len);
    buf_grew(write->out, len);
}

static void open_container(struct write *write, const char *bracket)
{
    begin_value(write);
    put(write, bracket, 1);
    write->need_comma = false;
}

static void close_container(struct write *write, const char *bracket)
{
    put(write, bracket, 1);
    write->need_comma = true;
}

void write_object(struct write *write)
{
    open_container(write, "{");
}

void write_object_end(struct write *write)
{
    close_container(write, "}");
}

void write_array(struct write *write)
{
    open_container(write, "[");
}

void write_array_end(struct write *write)
{
    close_container(write, "]");
}

void write_key(struct write *write, const char *key)
{
    write_key_raw(write, bytes_str(key));
}

/* Writes what stands at the start of @text and is not plain; returns how much that was.
 */
static size_t put_special(struct write *write, struct bytes text)
{
    size_t len = text_sequence_len(text.ptr, text.len);
    char escape[TEXT_ESCAPE_MAX];

    if (len == 0) {
        put(write, "\xef\xbf\xbd", 3);
        return 1;
    }
    if (len == 1)
        put(write, escape, text_escape((uint8_t)text.ptr[0], escape));
    else
        put(write, text.ptr, len);
    return len;
}

/* Writes the plain run of @len bytes at the start of @text, and in one piece with it the
 * quote or backslash behind it: JSON within JSON is full of them. Returns how much of
 * @text that was. */
static size_t put_run(struct write *write, struct bytes text, size_t len)
{
    const char next = len < text.len ? text.ptr[len] : '\0';
    const size_t is_marked = next == '"' || next == '\\';
    char *room = buf_room(write->out, len + 2 * is_marked);

    if (room == NULL)
        return len + is_marked;
    memcpy(room, text.ptr, len);
    if (is_marked) {
        room[len] = '\\';
        room[len + 1] = next;
    }
    buf_grew(write->out, len + 2 * is_marked);
    return len + is_marked;
}

void write_string(struct write *write, struct bytes text)
{
    size_t at = text_plain_len(text.ptr, text.len);

    if (at == text.len) {
        put_quoted(write, text, BYTES("\""));
        write->need_comma = true;
        return;
    }
    begin_value(write);
    put(write, "\"", 1);
    for (at = 0; at < text.len;) {
        const struct bytes rest = bytes_of(text.ptr + at, text.len - at);
        const size_t plain = text_plain_len(rest.ptr, rest.len);

        at += plain > 0 || *rest.ptr == '"' ? put_run(write, rest, plain)
                                            : put_special(write, rest);
    }
    put(write, "\"", 1);
}

void write_key_string(struct write *write, struct bytes name)
{
    write_string(write, name);
    put(write, ":", 1);
    write->need_comma = false;
}

void write_key_raw(struct write *write, struct bytes inside)
{
    put_quoted(write, inside, BYTES("\":"));
    write->need_comma = false;
}

void write_text(struct write *write, const char *text)
{
    if (text == NULL)
        write_null(write);
    else
        write_string(write, bytes_str(text));
}

void write_i64(struct write *write, int64_t value)
{
    begin_value(write);
    (void)buf_add_i64(write->out, value);
}

void write_double(struct write *write, double value)
{
    char text[NUMBER_TEXT_MAX];

    begin_value(write);
    put(write, text, number_format(value, text));
}

void write_bool(struct write *write, bool value)
{
    write_raw(write, value ? BYTES("true") : BYTES("false"));
}

void write_null(struct write *write)
{
    write_raw(write, BYTES("null"));
}

void write_time(struct write *write, int64_t time_ms)
{
    char text[TIME_TEXT_LEN + 1];

    if (time_ms == 0) {
        write_null(write);
        return;
    }
    time_text_format(time_ms, text);
    write_text(write, text);
}

void write_raw(struct write *write, struct bytes json)
{
    begin_value(write);
    if (json.len > 0)
        put(write, json.ptr, json.len);
    else
        put(write, "null", 4);
}

void write_compact(struct write *write, struct bytes json)
{
    begin_value(write);
    if (json.len > 0)
        (void)compact_print(json, write->out);
    else
        put(write, "null", 4);
}

void write_walked(struct write *write, const struct walk_member *member)
{
    write_key_raw(write, member->key);
    if (member->is_spaced)
        write_compact(write, member->value);
    else
        write_raw(write, member->value);
}

void write_member_string(struct write *write, const char *key, struct bytes text)
{
    write_key(write, key);
    write_string(write, text);
}

void write_member_text(struct write *write, const char *key, const char *text)
{
    write_key(write, key);
    write_text(write, text);
}

void write_member_i64(struct write *write, const char *key, int64_t value)
{
    write_key(write, key);
    write_i64(write, value);
}

void write_member_bool(struct write *write, const char *key, bool value)
{
    write_key(write, key);
    write_bool(write, value);
}

void write_member_time(struct write *write, const char *key, int64_t time_ms)
{
    write_key(write, key);
    write_time(write, time_ms);
}

void write_member_raw(struct write *write, const char *key, struct bytes json)
{
    write_key(write, key);
    write_raw(write, json);
}
