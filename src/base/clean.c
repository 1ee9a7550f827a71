/* SPDX-License-Identifier: MIT */

#include "base/clean.h"

#include "base/utf8.h"

/* C0 and C1 controls; the latter are 0xc2 0x80 to 0xc2 0x9f. */
static bool is_control(struct bytes text, size_t len)
{
    unsigned char first = (unsigned char)text.ptr[0];

    return (len == 1 && (first < 0x20 || first == 0x7f)) ||
           (len == 2 && first == 0xc2 && (unsigned char)text.ptr[1] < 0xa0);
}

void clean_add(struct bytes text, struct buf *ret_text)
{
    while (text.len > 0) {
        size_t len = utf8_sequence_len(text.ptr, text.len);

        if (len > 0 && !is_control(text, len))
            buf_add(ret_text, bytes_slice(text, 0, len));
        else if (text.ptr[0] == '\n' || text.ptr[0] == '\t')
            buf_add_char(ret_text, ' ');
        else
            buf_add_char(ret_text, '?');
        text = bytes_slice(text, len > 0 ? len : 1, text.len);
    }
}
