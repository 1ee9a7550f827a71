/* SPDX-License-Identifier: MIT */

#include "net/reply.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Ours are pages of results at most; a larger one is a mistake somewhere else. */
enum { MAX_FIELDS_BYTES = 64 << 10, MAX_BODY_BYTES = 256 << 20, KEEP_BYTES = 64 << 10 };

void reply_init(struct reply *reply)
{
    *reply = (struct reply){0};
    buf_init(&reply->fields, MAX_FIELDS_BYTES);
    buf_init(&reply->body, MAX_BODY_BYTES);
}

static void drop_file(struct reply *reply)
{
    if (reply->has_file)
        close(reply->file);
    reply->has_file = false;
}

void reply_done(struct reply *reply)
{
    drop_file(reply);
    buf_done(&reply->fields);
    buf_done(&reply->body);
}

static void start(struct reply *reply, int status, bool is_last)
{
    drop_file(reply);
    reply->status = status;
    reply->close = is_last;
    reply->spoil = SERVER_WHOLE;
    buf_clear(&reply->fields);
    if (reply->body.capacity > KEEP_BYTES)
        buf_done(&reply->body);
    buf_clear(&reply->body);
}

static void add_field(struct reply *reply, const char *name, const char *value)
{
    if (value == NULL || strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL)
        return;
    buf_add(&reply->fields, bytes_of(name, strlen(name) + 1));
    buf_add(&reply->fields, bytes_of(value, strlen(value) + 1));
}

void reply_set(struct reply *reply, const struct server_answer *answer)
{
    start(reply, answer->status, answer->close);
    reply->spoil = answer->spoil;
    reply->cut_after = answer->cut_after;
    reply->has_file = answer->has_file;
    reply->file = answer->file;
    reply->file_from = answer->file_from;
    reply->file_bytes = answer->file_bytes;
    if (answer->content_type != NULL)
        add_field(reply, "Content-Type", answer->content_type);
    for (size_t i = 0; i < SERVER_MAX_HEADERS && answer->headers[i].name != NULL; i++)
        add_field(reply, answer->headers[i].name, answer->headers[i].value);
    buf_add(&reply->body, answer->body);
}

/* A JSON string; what is not printable ASCII is left out: our messages are sentences. */
static void add_string(struct buf *buf, const char *text)
{
    buf_add_char(buf, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_char(buf, '\\');
        if ((unsigned char)*text >= ' ' && *text != 0x7f)
            buf_add_char(buf, *text);
    }
    buf_add_char(buf, '"');
}

void reply_set_message(struct reply *reply, int status, const char *message,
                       int retry_after_s)
{
    char seconds[16];

    start(reply, status, /* is_last= */ false);
    add_field(reply, "Content-Type", "application/json");
    if (retry_after_s > 0) {
        snprintf(seconds, sizeof(seconds), "%d", retry_after_s);
        add_field(reply, "Retry-After", seconds);
    }
    buf_add_text(&reply->body, "{\"message\":");
    add_string(&reply->body, message);
    buf_add_char(&reply->body, '}');
}

bool reply_next(const struct reply *reply, size_t *cursor, const char **ret_name,
                const char **ret_value)
{
    if (*cursor >= reply->fields.len)
        return false;
    *ret_name = reply->fields.ptr + *cursor;
    *cursor += strlen(*ret_name) + 1;
    *ret_value = reply->fields.ptr + *cursor;
    *cursor += strlen(*ret_value) + 1;
    return true;
}

void reply_format(const struct reply *reply, const char *reason, struct buf *ret_text)
{
    const struct bytes body = buf_bytes(&reply->body);
    const bool is_cut = reply->spoil == SERVER_CUT;
    const bool is_short = reply->spoil == SERVER_SHORT_LENGTH;
    const char *name;
    const char *value;
    size_t cursor = 0;

    if (reply->spoil == SERVER_HANG_UP)
        return;
    buf_addf(ret_text, "HTTP/1.1 %d %s\r\nConnection: close\r\n", reply->status, reason);
    while (reply_next(reply, &cursor, &name, &value))
        buf_addf(ret_text, "%s: %s\r\n", name, value);
    buf_addf(ret_text, "Content-Length: %zu\r\n\r\n", is_short ? body.len / 2 : body.len);
    buf_add(ret_text, bytes_slice(body, 0, is_cut ? reply->cut_after : body.len));
}
