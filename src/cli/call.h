/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * call - one use of the command line: which command, with which flags and arguments.
 *
 * Parsed by the table in command.h. Flags may stand anywhere, before the command's name
 * too; "--" ends them; "-" is an argument.
 */

#include <stdint.h>

#include "base/arena.h"
#include "cli/command.h"
#include "cli/print.h"

struct call_value {
    const struct flag *flag;
    const char *text; /* "" for a switch */
};

struct call {
    struct arena arena;
    const struct command *command; /* NULL: none was named */
    const char *family; /* "events" when only that was typed, with -h; else NULL */
    struct call_value *values;
    size_t n_values;
    const char **args; /* NULL-terminated */
    size_t n_args;
    bool wants_help, wants_json, is_quiet;
    struct print out; /* the result: stdout */
    struct print err; /* the conversation: stderr */
};

/*
 * @argv as main's, NULL-terminated. Even on -1 the members wants_json, out and err are
 * usable, so that the error can be shown as was asked for. End with call_done.
 */
must_check
int call_parse(struct call *call, int argc, char *const *argv, struct err *err);
void call_done(struct call *call);

bool call_has(const struct call *call, const char *flag);
/* The last value given; else the flag's environment variable; else its default; NULL. */
const char *call_text(const struct call *call, const char *flag);
/* Only what was typed, NULL when the flag was not given. */
const char *call_given(const struct call *call, const char *flag);
/* Values were checked when parsed; 0 when there is none. */
int64_t call_number(const struct call *call, const char *flag);
int64_t call_duration_ms(const struct call *call, const char *flag);
double call_rate(const struct call *call, const char *flag); /* per second */
/* The @index-th argument, or NULL. */
const char *call_arg(const struct call *call, size_t index);
/* True when stdout shall have text for people. */
static inline bool call_is_human(const struct call *call)
{
    return !call->wants_json;
}
/* A line of conversation on stderr; silent with -q. */
printf_like(2, 3) void call_say(const struct call *call, const char *format, ...);
/* As above, but only on a terminal: the next useful command. */
printf_like(2, 3) void call_hint(const struct call *call, const char *format, ...);
