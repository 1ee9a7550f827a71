/* SPDX-License-Identifier: MIT */

#include "base/shell_word.h"

static bool is_plain(struct bytes word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./:=@%+,";

    for (size_t i = 0; i < word.len; i++) {
        if (memchr(plain, word.ptr[i], sizeof(plain) - 1) == NULL)
            return false;
    }
    return word.len > 0;
}

void shell_word(struct bytes word, struct buf *ret_command)
{
    if (is_plain(word)) {
        buf_add(ret_command, word);
        return;
    }
    buf_add_char(ret_command, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'')
            buf_add_text(ret_command, "'\\''");
        else
            buf_add_char(ret_command, word.ptr[i]);
    }
    buf_add_char(ret_command, '\'');
}
