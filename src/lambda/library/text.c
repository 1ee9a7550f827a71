/* SPDX-License-Identifier: MIT */

/* What a handler reads from JSON, and what it writes JSON with. */

#include <stdarg.h>
#include <stdio.h>

#include "lambda/library/result.h"
#include "json/scan.h"
#include "json/write.h"

/* Quoting makes six bytes of one at most, and two quotes. */
enum { QUOTED_MAX = 6 };

static const char *string_text(struct arena *arena, const struct scan_span *string)
{
    const struct bytes inside = scan_inside(string);
    cleanup(buf_done) struct buf text = {.max_bytes = inside.len};

    if (!string->has_escape)
        return arena_copy(arena, inside);
    /* Escapes are never shorter than what they stand for. */
    (void)scan_unescape(inside, &text);
    if (bytes_index(buf_bytes(&text), '\0') < text.len)
        return NULL;
    return arena_copy(arena, buf_bytes(&text));
}

/* @json has passed json/scan. */
static const char *member_text(struct arena *arena, struct bytes json, const char *path)
{
    struct scan_span found;

    if (!scan_find(json, bytes_str(path), &found))
        return NULL;
    switch (found.kind) {
    case SCAN_STRING:
        return string_text(arena, &found);
    case SCAN_NUMBER:
    case SCAN_TRUE:
    case SCAN_FALSE:
        return arena_copy(arena, found.text);
    case SCAN_NONE:
    case SCAN_NULL:
    case SCAN_ARRAY:
    case SCAN_OBJECT:
        break;
    }
    return NULL;
}

static struct bytes event_of(const struct partnerapp_result *result)
{
    return bytes_of(result->payload.event, result->payload.event_len);
}

const char *partnerapp_event_text(struct partnerapp_result *result, const char *path)
{
    return member_text(&result->arena, event_of(result), path);
}

const char *partnerapp_event_json(struct partnerapp_result *result, const char *path)
{
    struct scan_span found;

    if (!scan_find(event_of(result), bytes_str(path), &found))
        return NULL;
    return arena_copy(&result->arena, found.text);
}

const char *partnerapp_setting_text(struct partnerapp_result *result, const char *path)
{
    return member_text(&result->arena,
                       bytes_of(result->payload.settings, result->payload.settings_len),
                       path);
}

int partnerapp_answer_status(const struct partnerapp_result *result)
{
    return result->answer_status;
}

const char *partnerapp_answer_body(const struct partnerapp_result *result)
{
    return result->answer.ptr != NULL ? result->answer.ptr : "";
}

const char *partnerapp_answer_text(struct partnerapp_result *result, const char *path)
{
    struct scan_span root;
    struct scan_fault fault;

    if (!result->is_answer_judged) {
        result->has_json_answer = scan_json(result->answer, NULL, &root, &fault);
        result->is_answer_judged = true;
    }
    return result->has_json_answer ? member_text(&result->arena, result->answer, path)
                                   : NULL;
}

const char *partnerapp_quote(struct partnerapp_result *result, const char *text)
{
    const struct bytes plain = bytes_str(text);
    cleanup(buf_done) struct buf quoted = {.max_bytes = QUOTED_MAX * plain.len + 2};
    struct write write;

    if (text == NULL)
        return "null";
    write_init(&write, &quoted);
    write_string(&write, plain);
    return arena_copy(&result->arena, buf_bytes(&quoted));
}

const char *partnerapp_format(struct partnerapp_result *result, const char *format, ...)
{
    va_list arguments, again;
    char *text;
    int len;

    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* Negative: a wide character that the locale cannot write. */
    text = arena_zero(&result->arena, len < 0 ? 1 : (size_t)len + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
