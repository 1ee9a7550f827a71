/* SPDX-License-Identifier: MIT */

#include "cli/fn_again.h"

#include "base/shell_word.h"
#include "cli/call.h"

static void add_word(const char *word, struct buf *ret_command)
{
    buf_add_char(ret_command, ' ');
    shell_word(bytes_str(word), ret_command);
}

static void add_flag(const struct call_value *value, struct buf *ret_command)
{
    buf_addf(ret_command, " --%s", value->flag->name);
    if (value->flag->kind != FLAG_SWITCH)
        add_word(value->text, ret_command);
}

static bool is_among(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

void fn_again_flags(const struct call *call, const char *const *names,
                    struct buf *ret_command)
{
    for (size_t i = 0; i < call->n_values; i++) {
        if (is_among(call->values[i].flag->name, names))
            add_flag(&call->values[i], ret_command);
    }
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

        add_flag(value, ret_command);
        is_whole &= value->flag->kind == FLAG_SWITCH || strcmp(value->text, "-") != 0;
    }
    return is_whole;
}
