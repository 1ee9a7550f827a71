/* SPDX-License-Identifier: MIT */

#include "cli/fn_again.h"

#include "cli/call.h"

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

void fn_again_word(struct bytes word, struct buf *ret_command)
{
    buf_add_char(ret_command, ' ');
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

bool fn_again_call(const struct call *call, struct buf *ret_command)
{
    bool is_whole = true;

    buf_addf(ret_command, "partnerapp %s", call->command->name);
    for (size_t i = 0; i < call->n_args; i++) {
        fn_again_word(bytes_str(call->args[i]), ret_command);
        is_whole &= strcmp(call->args[i], "-") != 0;
    }
    for (size_t i = 0; i < call->n_values; i++) {
        const struct call_value *value = &call->values[i];

        buf_addf(ret_command, " --%s", value->flag->name);
        if (value->flag->kind == FLAG_SWITCH)
            continue;
        fn_again_word(bytes_str(value->text), ret_command);
        is_whole &= strcmp(value->text, "-") != 0;
    }
    return is_whole;
}
