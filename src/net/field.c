/* SPDX-License-Identifier: MIT */

#include "net/field.h"

#include <stdarg.h>
#include <stdio.h>

/* libcurl holds bodies back from a million of bytes on; far below, to be sure. */
enum { LINES_BYTES = 128 * 1024, HELD_BODY_BYTES = 64 * 1024 };

static const char *const ours[] = {
    "Connection", "Content-Length",    "Expect", "Host",
    "Keep-Alive", "Proxy-Connection",  "TE",     "Trailer",
    "Upgrade",    "Transfer-Encoding",
};

#define KEEP_ALIVE "Connection: Keep-Alive"
#define AGENT "User-Agent: partnerapp/" PARTNERAPP_VERSION

static const char *const credentials[] = {"Authorization", "Cookie",
                                          "Proxy-Authorization"};

static bool is_one_of(struct bytes name, const char *const *names, size_t n_names)
{
    for (size_t i = 0; i < n_names; i++) {
        if (bytes_eq_nocase(name, bytes_str(names[i])))
            return true;
    }
    return false;
}

bool field_is_token(struct bytes text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') &&
            (c == '\0' || strchr(marks, c) == NULL))
            return false;
    }
    return text.len > 0;
}

bool field_copy_method(struct bytes method, char ret_text[FIELD_METHOD_MAX])
{
    if (!field_is_token(method) || method.len >= FIELD_METHOD_MAX ||
        bytes_eq_nocase(method, BYTES("CONNECT")))
        return false;
    (void)snprintf(ret_text, FIELD_METHOD_MAX, "%.*s", BYTES_FMT(method));
    return true;
}

bool field_is_credential(struct bytes name)
{
    return is_one_of(name, credentials, COUNT(credentials));
}

enum field_verdict field_judge(struct bytes name, struct bytes value)
{
    if (!field_is_token(name) || bytes_index(value, '\0') < value.len ||
        bytes_index(value, '\r') < value.len || bytes_index(value, '\n') < value.len)
        return FIELD_REFUSED;
    return is_one_of(name, ours, COUNT(ours)) ? FIELD_OURS : FIELD_FINE;
}

void field_lines_init(struct field_lines *lines)
{
    *lines = (struct field_lines){0};
    buf_init(&lines->text, LINES_BYTES);
}

void field_lines_done(struct field_lines *lines)
{
    buf_done(&lines->text);
}

static void begin_line(struct field_lines *lines)
{
    lines->lines[lines->n_lines++] = lines->text.ptr + lines->text.len;
}

static void add_line(struct field_lines *lines, const struct client_header *header)
{
    const struct bytes value = bytes_trim(header->value);

    begin_line(lines);
    (void)buf_add(&lines->text, header->name);
    /* libcurl's way to say "with an empty value" is a semicolon. */
    (void)buf_add(&lines->text, value.len > 0 ? BYTES(": ") : BYTES(";"));
    (void)buf_add(&lines->text, value);
    (void)buf_add_char(&lines->text, '\0');
}

/* libcurl's way to say "without it" is "Name:". */
static void add_literal(struct field_lines *lines, struct bytes line)
{
    begin_line(lines);
    (void)buf_add(&lines->text, line);
    (void)buf_add_char(&lines->text, '\0');
}

/* Room for all at once, because the lines point into the text. */
static bool reserve(struct field_lines *lines, const struct client_header *headers,
                    size_t n_headers)
{
    size_t len =
        sizeof("Expect:") + sizeof("Content-Type:") + sizeof(AGENT) + sizeof(KEEP_ALIVE);

    for (size_t i = 0; i < n_headers; i++)
        len += headers[i].name.len + headers[i].value.len + sizeof(": ");
    buf_clear(&lines->text);
    return buf_room(&lines->text, len) != NULL;
}

printf_like(2, 3) static bool refuse(struct field_lines *lines, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(lines->error, sizeof(lines->error), format, args);
    va_end(args);
    return false;
}

bool field_lines_set(struct field_lines *lines, const struct client_header *headers,
                     size_t n_headers, bool is_foreign)
{
    bool has_type = false;
    bool has_agent = false;

    lines->n_lines = 0;
    if (n_headers > CLIENT_MAX_HEADERS)
        return refuse(lines, "more than %d header fields", CLIENT_MAX_HEADERS);
    if (!reserve(lines, headers, n_headers))
        return refuse(lines, "header fields of more than %d bytes", LINES_BYTES);
    for (size_t i = 0; i < n_headers; i++) {
        enum field_verdict verdict = field_judge(headers[i].name, headers[i].value);

        if (verdict == FIELD_REFUSED)
            return refuse(lines, "header field %zu: a character that is not allowed",
                          i + 1);
        if (verdict == FIELD_OURS || (is_foreign && field_is_credential(headers[i].name)))
            continue;
        has_type |= bytes_eq_nocase(headers[i].name, BYTES("Content-Type"));
        has_agent |= bytes_eq_nocase(headers[i].name, BYTES("User-Agent"));
        add_line(lines, &headers[i]);
    }
    if (!has_agent)
        add_literal(lines, BYTES(AGENT));
    /* Or libcurl calls every body a form. */
    if (!has_type)
        add_literal(lines, BYTES("Content-Type:"));
    return true;
}

void field_lines_add_no_wait(struct field_lines *lines, size_t body_len)
{
    if (body_len > HELD_BODY_BYTES)
        add_literal(lines, BYTES("Expect:"));
}

void field_lines_add_keep_alive(struct field_lines *lines)
{
    add_literal(lines, BYTES(KEEP_ALIVE));
}
