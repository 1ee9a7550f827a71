/* SPDX-License-Identifier: MIT */

#include "store/attempts.h"

/* The end of the JSON object at the front of @text. We wrote it, so it is well formed. */
static size_t object_len(struct bytes text)
{
    size_t depth = 0;
    bool is_in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (is_in_string && c == '\\')
            i++;
        else if (c == '"')
            is_in_string = !is_in_string;
        else if (!is_in_string && (c == '{' || c == '['))
            depth++;
        else if (!is_in_string && (c == '}' || c == ']') && --depth == 0)
            return i + 1;
    }
    return text.len;
}

static struct bytes after_comma(struct bytes text, size_t len)
{
    return bytes_slice(text, len + 1, text.len);
}

int attempts_join(struct bytes joined, struct bytes newest, size_t max_bytes,
                  struct buf *ret_joined)
{
    size_t first_len = object_len(joined);
    struct bytes first = bytes_slice(joined, 0, first_len);
    struct bytes rest = after_comma(joined, first_len);

    while (rest.len > 0 && first.len + rest.len + newest.len + 2 > max_bytes)
        rest = after_comma(rest, object_len(rest));
    buf_add(ret_joined, first);
    if (rest.len > 0) {
        buf_add_char(ret_joined, ',');
        buf_add(ret_joined, rest);
    }
    if (first.len > 0 && newest.len > 0)
        buf_add_char(ret_joined, ',');
    buf_add(ret_joined, newest);
    return ret_joined->full ? BUF_FULL : 0;
}
