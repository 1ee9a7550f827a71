/* SPDX-License-Identifier: MIT */

#include "cli/fn_again.h"

#include "base/shell_word.h"
#include "cli/call.h"

static void add_word(const char *word, struct buf *ret_command)
{
    buf_add_char(ret_command, ' ');
    shell_word(bytes_str(word), ret_command);
}

bool fn_again_call(const struct call *call, struct buf *ret_command)
{
    bool is_whole = true;

    buf_addf(ret_command, "partnerapp %s", call->command->name);
    for (size_t i = 0; i < call->n_args; i++) {
        add_word(call->args[i], ret_command);
        is_whole &= strcmp(call->args[i], "-") != 0;
    }
    for (size_t i = 0; i < call->n_values; i++) {
        const struct call_value *value = &call->values[i];

        buf_addf(ret_command, " --%s", value->flag->name);
        if (value->flag->kind == FLAG_SWITCH)
            continue;
        add_word(value->text, ret_command);
        is_whole &= strcmp(value->text, "-") != 0;
    }
    return is_whole;
}
