/* SPDX-License-Identifier: MIT */

/* The second half of json/scan: looking into text that the first half has accepted. */

#include "json/scan.h"

#include "json/text.h"
#include "json/walk.h"

struct bytes scan_inside(const struct scan_span *string)
{
    return string->text.len >= 2 ? bytes_slice(string->text, 1, string->text.len - 2)
                                 : bytes_of(NULL, 0);
}

int scan_unescape(struct bytes inside, struct buf *ret_text)
{
    while (inside.len > 0) {
        size_t plain = bytes_index(inside, '\\');
        char sequence[TEXT_SEQUENCE_MAX];
        uint32_t point;

        if (buf_add(ret_text, bytes_of(inside.ptr, plain)) == BUF_FULL)
            return BUF_FULL;
        inside = bytes_of(inside.ptr + plain, inside.len - plain);
        if (inside.len == 0)
            break;
        point = walk_point(&inside);
        if (text_is_surrogate(point))
            point = 0xfffd;
        if (buf_add(ret_text, bytes_of(sequence, text_encode(point, sequence))) ==
            BUF_FULL)
            return BUF_FULL;
    }
    return 0;
}

static enum scan_kind kind_of(char first)
{
    switch (first) {
    case '"':
        return SCAN_STRING;
    case '{':
        return SCAN_OBJECT;
    case '[':
        return SCAN_ARRAY;
    case 't':
        return SCAN_TRUE;
    case 'f':
        return SCAN_FALSE;
    case 'n':
        return SCAN_NULL;
    default:
        return SCAN_NUMBER;
    }
}

struct scan_span scan_span_of(struct bytes value)
{
    struct scan_span span = {.text = value};

    if (value.len > 0)
        span.kind = kind_of(value.ptr[0]);
    span.has_escape = span.kind == SCAN_STRING && bytes_index(value, '\\') < value.len;
    return span;
}

static bool find_member(struct bytes object, struct bytes name, struct bytes *ret_value)
{
    struct walk_member member;
    bool found = false;

    while (walk_member(&object, &member)) {
        if (!walk_means(member.key, name))
            continue;
        *ret_value = member.value;
        found = true;
    }
    return found;
}

/* @rest begins after the opening bracket. */
static bool find_element(struct bytes rest, struct bytes name, struct bytes *ret_value)
{
    int64_t index;

    if (!bytes_to_i64(name, &index) || index < 0)
        return false;
    for (;; index--) {
        walk_space(&rest);
        if (rest.len == 0 || rest.ptr[0] == ']')
            return false;
        *ret_value = walk_value(&rest);
        if (index == 0)
            return true;
        walk_space(&rest);
        if (rest.len > 0 && rest.ptr[0] == ',')
            rest = bytes_of(rest.ptr + 1, rest.len - 1);
    }
}

static bool find_part(struct bytes value, struct bytes name, struct bytes *ret_value)
{
    if (value.ptr[0] == '{')
        return find_member(value, name, ret_value);
    return value.ptr[0] == '[' &&
           find_element(bytes_slice(value, 1, value.len), name, ret_value);
}

bool scan_find(struct bytes value, struct bytes path, struct scan_span *ret_found)
{
    if (bytes_starts(value, BYTES("\xef\xbb\xbf")))
        value = bytes_slice(value, 3, value.len);
    value = bytes_trim(value);
    while (path.len > 0) {
        struct bytes name = bytes_take_until(&path, '.');

        if (value.len == 0 || !find_part(value, name, &value))
            return false;
    }
    if (value.len == 0)
        return false;
    *ret_found = scan_span_of(value);
    return true;
}
