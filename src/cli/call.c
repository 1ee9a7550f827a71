/* SPDX-License-Identifier: MIT */

#include "cli/call.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/time_text.h"

/* What is being parsed. */
struct parse {
    struct call *call;
    char *const *argv;
    int argc;
    struct err *err;
};

static bool is_flag(const char *text)
{
    return text[0] == '-' && text[1] != '\0';
}

/* How many words of argv a flag takes: 1, or 2 with its value. The command need not be
 * known: a name means the same kind everywhere (the unit test holds the table to it). */
static int flag_words(const char *text)
{
    bool is_long = text[1] == '-';
    const char *name = text + (is_long ? 2 : 1);
    const struct flag *flag =
        command_flag(NULL, name, strcspn(name, "="), is_long ? 0 : name[0]);

    return flag != NULL && flag->kind != FLAG_SWITCH && strchr(text, '=') == NULL ? 2 : 1;
}

/* The first two words that are no flags, and where they stand. */
static void find_words(const struct parse *parse, const char *ret_words[2], int ret_at[2])
{
    int n = 0;

    for (int i = 1; i < parse->argc && n < 2; i++) {
        const char *text = parse->argv[i];

        if (strcmp(text, "--") == 0)
            return;
        if (is_flag(text)) {
            i += flag_words(text) - 1;
            continue;
        }
        ret_words[n] = text;
        ret_at[n] = i;
        n++;
    }
}

static int unknown_flag(const struct parse *parse, const char *text)
{
    const struct command *command = parse->call->command;
    struct bytes near = command_suggest_flag(command, text);

    err_code(parse->err, "PA7002", ERR_USAGE, "no flag `%s`%s%s", text,
             command != NULL ? " for partnerapp " : "",
             command != NULL ? command->name : "");
    if (near.len > 0)
        err_help(parse->err, "did you mean `--%.*s`?", BYTES_FMT(near));
    return err_help(parse->err, "partnerapp %s%s-h", command != NULL ? command->name : "",
                    command != NULL ? " " : "");
}

/* ux §2.1: what must stay secret never comes as a flag's value; other users of the
 * machine can read it from the list of processes. */
static int refuse_secret(const struct parse *parse, const char *name, size_t len)
{
    static const char *const endings[] = {"secret", "token", "password", "key"};
    char file_flag[48];
    bool is_secret = false;

    for (size_t i = 0; i < COUNT(endings); i++)
        is_secret |= bytes_ends(bytes_of(name, len), bytes_str(endings[i]));
    if (!is_secret)
        return 0;
    err_code(parse->err, "PA7020", ERR_USAGE,
             "a secret is never given as a flag's value");
    snprintf(file_flag, sizeof(file_flag), "%.*s-file", (int)len, name);
    if (command_flag(parse->call->command, file_flag, strlen(file_flag), 0) != NULL)
        return err_help(parse->err, "--%s FILE, or - for standard input", file_flag);
    return err_help(parse->err, "put it into a file or the environment: partnerapp help");
}

static bool is_choice(const char *choices, const char *text)
{
    struct bytes left = bytes_str(choices);

    while (left.len > 0) {
        if (bytes_eq(bytes_take_until(&left, ' '), bytes_str(text)))
            return true;
    }
    return false;
}

static bool parse_rate(const char *text, double *ret_per_s)
{
    char *end;
    double rate = strtod(text, &end);

    *ret_per_s = rate;
    return end != text && rate > 0 && rate < 1e9 &&
           (*end == '\0' || strcmp(end, "/s") == 0);
}

static bool is_value(const struct flag *flag, const char *text)
{
    int64_t number;
    double rate;

    switch (flag->kind) {
    case FLAG_NUMBER:
        return bytes_to_i64(bytes_str(text), &number) && number >= 0;
    case FLAG_DURATION:
        return time_text_parse_duration(bytes_str(text), &number);
    case FLAG_RATE:
        return parse_rate(text, &rate);
    case FLAG_CHOICE:
        return is_choice(flag->choices, text);
    case FLAG_SWITCH:
    case FLAG_TEXT:
    case FLAG_PATH:
        break;
    }
    return true;
}

static int bad_value(const struct parse *parse, const struct flag *flag, const char *text)
{
    static const char *const wants[] = {
        [FLAG_NUMBER] = "a number, such as 10",
        [FLAG_DURATION] = "a duration, such as 500ms, 30s or 5m",
        [FLAG_RATE] = "a rate, such as 50/s",
    };

    if (flag->kind == FLAG_CHOICE)
        return err_code(parse->err, "PA7003", ERR_USAGE, "--%s is one of: %s; not `%s`",
                        flag->name, flag->choices, text);
    return err_code(parse->err, "PA7003", ERR_USAGE, "--%s wants %s; not `%s`",
                    flag->name, wants[flag->kind], text);
}

static int add_value(const struct parse *parse, const struct flag *flag, const char *text)
{
    struct call *call = parse->call;

    if (!is_value(flag, text))
        return bad_value(parse, flag, text);
    call->values[call->n_values++] = (struct call_value){flag, text};
    return 0;
}

/* Takes the flag at argv[*at]; *at is then the last word that belongs to it. */
static int parse_flag(const struct parse *parse, int *at)
{
    const char *text = parse->argv[*at];
    bool is_long = text[1] == '-';
    const char *name = text + (is_long ? 2 : 1);
    size_t len = strcspn(name, "=");
    const struct flag *flag =
        command_flag(parse->call->command, name, len, is_long ? 0 : name[0]);

    /* Of a command that does not exist yet nobody knows the flags. */
    if (flag == NULL && parse->call->command != NULL &&
        parse->call->command->planned != NULL)
        return 0;
    if (flag == NULL || (!is_long && len != 1)) {
        int answer = refuse_secret(parse, name, len);

        return answer < 0 ? answer : unknown_flag(parse, text);
    }
    if (flag->kind == FLAG_SWITCH) {
        if (name[len] == '=')
            return err_code(parse->err, "PA7003", ERR_USAGE, "--%s takes no value",
                            flag->name);
        return add_value(parse, flag, "");
    }
    if (name[len] == '=')
        return add_value(parse, flag, name + len + 1);
    if (*at + 1 >= parse->argc)
        return err_code(parse->err, "PA7003", ERR_USAGE, "--%s wants a value: %s",
                        flag->name, flag->value);
    *at += 1;
    return add_value(parse, flag, parse->argv[*at]);
}

static int parse_all(const struct parse *parse, const int words_at[2], size_t n_words)
{
    struct call *call = parse->call;
    bool flags_ended = false;

    for (int i = 1; i < parse->argc; i++) {
        const char *text = parse->argv[i];
        bool is_word =
            n_words > 0 && (i == words_at[0] || (n_words > 1 && i == words_at[1]));

        if (is_word)
            continue;
        if (!flags_ended && strcmp(text, "--") == 0)
            flags_ended = true;
        else if (flags_ended || !is_flag(text))
            call->args[call->n_args++] = text;
        else if (parse_flag(parse, &i) < 0)
            return -1;
    }
    return 0;
}

static int unknown_verb(const struct parse *parse, const char *family, const char *verb)
{
    struct bytes near = command_suggest(family, verb);

    if (verb == NULL) {
        err_code(parse->err, "PA7001", ERR_USAGE, "`%s` wants a verb", family);
        return err_help(parse->err, "partnerapp help %s", family);
    }
    err_code(parse->err, "PA7001", ERR_USAGE, "no command `%s %s`", family, verb);
    if (near.len == 0)
        return err_help(parse->err, "partnerapp help %s", family);
    return err_help(parse->err, "did you mean `%.*s`?   partnerapp %s %.*s",
                    BYTES_FMT(near), family, BYTES_FMT(near));
}

static int unknown_command(const struct parse *parse, const char *first,
                           const char *second)
{
    struct bytes near = command_suggest(NULL, first);

    if (command_is_family(first))
        return unknown_verb(parse, first, second);
    err_code(parse->err, "PA7001", ERR_USAGE, "no command `%s`", first);
    if (near.len == 0)
        return err_help(parse->err, "partnerapp help");
    return err_help(parse->err, "did you mean `%.*s`?   partnerapp %.*s%s%s",
                    BYTES_FMT(near), BYTES_FMT(near), second != NULL ? " " : "",
                    second != NULL ? second : "");
}

static int check_n_args(const struct parse *parse)
{
    const struct call *call = parse->call;
    const struct command *command = call->command;

    if (command == NULL || call->wants_help || command->planned != NULL)
        return 0;
    if (call->n_args >= command->min_args && call->n_args <= command->max_args)
        return 0;
    if (call->n_args > command->max_args)
        err_code(parse->err, "PA7004", ERR_USAGE,
                 "partnerapp %s: `%s` is one argument too "
                 "many",
                 command->name, call->args[command->max_args]);
    else
        err_code(parse->err, "PA7004", ERR_USAGE, "partnerapp %s wants %s", command->name,
                 command->arguments);
    return err_help(parse->err, "partnerapp %s -h", command->name);
}

/* What shapes every output, found before anything can fail. */
static void set_up_streams(struct call *call, int argc, char *const *argv)
{
    const char *color = "auto";

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            call->wants_json = true;
        else if (strncmp(argv[i], "--color=", 8) == 0)
            color = argv[i] + 8;
        else if (strcmp(argv[i], "--color") == 0 && i + 1 < argc)
            color = argv[i + 1];
        call->wants_help |= strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0;
    }
    print_setup(&call->out, stdout, color);
    print_setup(&call->err, stderr, color);
}

int call_parse(struct call *call, int argc, char *const *argv, struct err *err)
{
    struct parse parse = {call, argv, argc, err};
    const char *words[2] = {NULL, NULL};
    int words_at[2] = {0, 0};
    size_t n_words = 0;

    *call = (struct call){0};
    arena_init(&call->arena);
    set_up_streams(call, argc, argv);
    call->values = arena_zero(&call->arena, (size_t)argc * sizeof(*call->values));
    call->args = arena_zero(&call->arena, (size_t)(argc + 1) * sizeof(*call->args));

    find_words(&parse, words, words_at);
    if (words[0] != NULL)
        call->command = command_find(words[0], words[1], &n_words);
    if (words[0] != NULL && words[1] == NULL && call->wants_help &&
        command_is_family(words[0])) {
        call->family = words[0];
        return 0;
    }
    if (words[0] != NULL && call->command == NULL)
        return unknown_command(&parse, words[0], words[1]);
    if (parse_all(&parse, words_at, n_words) < 0)
        return -1;
    call->is_quiet = call_has(call, "quiet");
    return check_n_args(&parse);
}

void call_done(struct call *call)
{
    arena_done(&call->arena);
}

const char *call_given(const struct call *call, const char *flag)
{
    for (size_t i = call->n_values; i > 0; i--) {
        if (strcmp(call->values[i - 1].flag->name, flag) == 0)
            return call->values[i - 1].text;
    }
    return NULL;
}

bool call_has(const struct call *call, const char *flag)
{
    return call_given(call, flag) != NULL;
}

const char *call_text(const struct call *call, const char *flag)
{
    const char *given = call_given(call, flag);
    const struct flag *row = command_flag(call->command, flag, strlen(flag), 0);
    const char *environment =
        row != NULL && row->environment != NULL ? getenv(row->environment) : NULL;

    if (given != NULL)
        return given;
    if (environment != NULL && environment[0] != '\0')
        return environment;
    return row != NULL ? row->default_text : NULL;
}

int64_t call_number(const struct call *call, const char *flag)
{
    int64_t number;

    return bytes_to_i64(bytes_str(call_text(call, flag)), &number) ? number : 0;
}

int64_t call_duration_ms(const struct call *call, const char *flag)
{
    int64_t duration_ms;

    return time_text_parse_duration(bytes_str(call_text(call, flag)), &duration_ms)
               ? duration_ms
               : 0;
}

double call_rate(const struct call *call, const char *flag)
{
    const char *text = call_text(call, flag);
    double rate;

    return text != NULL && parse_rate(text, &rate) ? rate : 0;
}

const char *call_arg(const struct call *call, size_t index)
{
    return index < call->n_args ? call->args[index] : NULL;
}

printf_like(2, 0) static void say(const struct call *call, const char *format,
                                  va_list args)
{
    cleanup(freep) char *text = NULL;

    if (call->is_quiet)
        return;
    if (vasprintf(&text, format, args) < 0) {
        text = NULL;
        return;
    }
    print_text(&call->err, "%s\n", text);
    fflush(call->err.file);
}

void call_say(const struct call *call, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(call, format, args);
    va_end(args);
}

void call_hint(const struct call *call, const char *format, ...)
{
    va_list args;

    if (!call->err.is_terminal || call->wants_json)
        return;
    va_start(args, format);
    say(call, format, args);
    va_end(args);
}
