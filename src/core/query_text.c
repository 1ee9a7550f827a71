/* SPDX-License-Identifier: MIT */

#include "core/query_text.h"

#include "base/buf.h"
#include "json/scan.h"
#include "json/walk.h"

enum { CHUNK = 16384, BLOCK = 64, MEANING_MAX = 1 << 20 };

static bool has_star_first(struct bytes pattern)
{
    return pattern.len > 0 && pattern.ptr[0] == '*';
}

static bool has_star_last(struct bytes pattern)
{
    return pattern.len > 0 && pattern.ptr[pattern.len - 1] == '*';
}

bool query_text_has_star(struct bytes pattern)
{
    return has_star_first(pattern) || has_star_last(pattern);
}

bool query_text_matches(struct bytes pattern, struct bytes text)
{
    bool any_front = has_star_first(pattern);
    bool any_back = has_star_last(pattern);
    struct bytes core = pattern;

    if (text.len == 0)
        return false;
    if (any_front)
        core = bytes_slice(core, 1, core.len);
    if (any_back && core.len > 0)
        core.len--;
    if (any_front && any_back)
        return core.len == 0 || memmem(text.ptr, text.len, core.ptr, core.len) != NULL;
    if (any_front)
        return bytes_ends(text, core);
    return any_back ? bytes_starts(text, core) : bytes_eq(text, core);
}

static char fold(char c)
{
    return (char)(c + ((unsigned char)(c - 'A') < 26 ? 'a' - 'A' : 0));
}

void query_text_fold(struct bytes text, char *ret_text)
{
    size_t at = 0;

    /* Blocks of a fixed length, which compilers turn into a few wide instructions. */
    for (; at + BLOCK <= text.len; at += BLOCK) {
        for (size_t i = 0; i < BLOCK; i++)
            ret_text[at + i] = fold(text.ptr[at + i]);
    }
    for (; at < text.len; at++)
        ret_text[at] = fold(text.ptr[at]);
}

bool query_text_contains(struct bytes text, struct bytes word)
{
    char folded[CHUNK];
    size_t at = 0;

    if (word.len == 0)
        return true;
    if (word.len > CHUNK / 2)
        return false; /* longer than any query */
    while (text.len >= word.len && at <= text.len - word.len) {
        struct bytes part = bytes_slice(text, at, CHUNK);

        query_text_fold(part, folded);
        if (memmem(folded, part.len, word.ptr, word.len) != NULL)
            return true;
        /* A match that began further on did not fit into this part. */
        at += CHUNK - word.len + 1;
    }
    return false;
}

static bool string_matches(struct bytes pattern, const struct scan_span *string)
{
    cleanup(buf_done) struct buf meaning = {0};
    struct bytes inside = scan_inside(string);

    if (!string->has_escape)
        return query_text_matches(pattern, inside);
    buf_init(&meaning, MEANING_MAX);
    return scan_unescape(inside, &meaning) == 0 &&
           query_text_matches(pattern, buf_bytes(&meaning));
}

static bool scalar_matches(struct bytes pattern, const struct scan_span *value)
{
    switch (value->kind) {
    case SCAN_STRING:
        return string_matches(pattern, value);
    case SCAN_NULL:
    case SCAN_FALSE:
    case SCAN_TRUE:
    case SCAN_NUMBER:
        return query_text_matches(pattern, value->text);
    case SCAN_NONE:
    case SCAN_ARRAY:
    case SCAN_OBJECT:
        break;
    }
    return false;
}

/* One walk over all elements; not one for each by its index. */
static bool element_matches(struct bytes pattern, struct bytes array)
{
    struct bytes rest = bytes_slice(array, 1, array.len);

    for (;;) {
        struct scan_span element;

        walk_space(&rest);
        if (rest.len == 0 || rest.ptr[0] == ']')
            return false;
        element = scan_span_of(walk_value(&rest));
        if (scalar_matches(pattern, &element))
            return true;
        walk_space(&rest);
        if (rest.len > 0 && rest.ptr[0] == ',')
            rest = bytes_slice(rest, 1, rest.len);
    }
}

bool query_text_at_path(struct bytes payload, struct bytes path, struct bytes pattern)
{
    struct scan_span value;

    if (payload.len == 0 || !scan_find(payload, path, &value))
        return false;
    if (bytes_eq(pattern, BYTES("*")))
        return true;
    return value.kind == SCAN_ARRAY ? element_matches(pattern, value.text)
                                    : scalar_matches(pattern, &value);
}
