/* SPDX-License-Identifier: MIT */

#include "json/compact.h"

#include "json/walk.h"

/* The bytes up to the next white space that is not inside a string. */
static struct bytes take_run(struct bytes *rest)
{
    struct bytes run = *rest;

    while (rest->len > 0 && (uint8_t)rest->ptr[0] > ' ') {
        bool is_string = rest->ptr[0] == '"';

        *rest = bytes_of(rest->ptr + 1, rest->len - 1);
        if (is_string)
            (void)walk_string(rest);
    }
    run.len -= rest->len;
    return run;
}

int compact_print(struct bytes text, struct buf *ret_text)
{
    const struct bytes mark = BYTES("\xef\xbb\xbf");

    if (bytes_starts(text, mark))
        text = bytes_slice(text, mark.len, text.len);
    walk_space(&text);
    while (text.len > 0) {
        if (buf_add(ret_text, take_run(&text)) == BUF_FULL)
            return BUF_FULL;
        walk_space(&text);
    }
    return 0;
}
