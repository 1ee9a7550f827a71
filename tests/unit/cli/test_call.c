/* SPDX-License-Identifier: MIT */

#include "cli/call.h"

#include "base/err.h"
#include "lib/cm.h"

enum { MAX_WORDS = 12 };

static const struct {
    const char *why;
    const char *words[MAX_WORDS];
    const char *command; /* NULL: refused with `code` */
    const char *code;
    const char *flag, *value; /* one to look at */
    size_t n_args;
    bool wants_json, wants_help;
} cases[] = {
    {"a command", {"status"}, "status", NULL, NULL, NULL, 0, false, false},
    {"noun and verb",
     {"events", "list"},
     "events list",
     NULL,
     "limit",
     "20",
     0,
     false,
     false},
    {"a flag after",
     {"events", "list", "--json"},
     "events list",
     NULL,
     "json",
     "",
     0,
     true,
     false},
    {"a flag before",
     {"--json", "events", "list"},
     "events list",
     NULL,
     "json",
     "",
     0,
     true,
     false},
    {"a flag between",
     {"events", "--limit", "5", "list"},
     "events list",
     NULL,
     "limit",
     "5",
     0,
     false,
     false},
    {"a flag's value is no command",
     {"--data", "dev", "status"},
     "status",
     NULL,
     "data",
     "dev",
     0,
     false,
     false},
    {"a value behind =",
     {"events", "list", "--limit=5"},
     "events list",
     NULL,
     "limit",
     "5",
     0,
     false,
     false},
    {"the last one counts",
     {"events", "list", "--limit", "5", "--limit", "6"},
     "events list",
     NULL,
     "limit",
     "6",
     0,
     false,
     false},
    {"a letter",
     {"dead", "discard", "is:dead", "-y"},
     "dead discard",
     NULL,
     "yes",
     "",
     1,
     false,
     false},
    {"a letter with a value",
     {"events", "export", "-o", "x"},
     "events export",
     NULL,
     "output",
     "x",
     0,
     false,
     false},
    {"- is an argument", {"sign", "-"}, "sign", NULL, NULL, NULL, 1, false, false},
    {"-- ends the flags",
     {"events", "list", "--", "-type:track"},
     "events list",
     NULL,
     NULL,
     NULL,
     1,
     false,
     false},
    {"help anywhere", {"fn", "run", "-h"}, "fn run", NULL, NULL, NULL, 0, false, true},
    {"help of a command that lacks arguments",
     {"--help", "fn", "run"},
     "fn run",
     NULL,
     NULL,
     NULL,
     0,
     false,
     true},
    {"flags of what is not built are not judged",
     {"doctor", "--auto-approve"},
     "doctor",
     NULL,
     NULL,
     NULL,
     0,
     false,
     false},
    {"unknown command", {"evnts"}, NULL, "PA7001", NULL, NULL, 0, false, false},
    {"unknown verb", {"events", "lits"}, NULL, "PA7001", NULL, NULL, 0, false, false},
    {"a family alone", {"events"}, NULL, "PA7001", NULL, NULL, 0, false, false},
    {"no abbreviations", {"event", "list"}, NULL, "PA7001", NULL, NULL, 0, false, false},
    {"unknown flag", {"dev", "--prot", "1"}, NULL, "PA7002", NULL, NULL, 0, false, false},
    {"letters are not bundled",
     {"dead", "discard", "x", "-yn"},
     NULL,
     "PA7002",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a number is wanted",
     {"dev", "--port", "http"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a negative number",
     {"dev", "--port", "-1"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a duration is wanted",
     {"trigger", "track", "--timeout", "soon"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a rate is wanted",
     {"trigger", "track", "--rate", "fast"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"not one of the choices",
     {"token", "create", "--role", "king"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a value is missing",
     {"events", "list", "--limit"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a switch with a value",
     {"dev", "--fresh=yes"},
     NULL,
     "PA7003",
     NULL,
     NULL,
     0,
     false,
     false},
    {"an argument is missing",
     {"events", "get"},
     NULL,
     "PA7004",
     NULL,
     NULL,
     0,
     false,
     false},
    {"an argument too many",
     {"status", "now"},
     NULL,
     "PA7004",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a secret as a flag",
     {"sign", "--secret", "s3cret"},
     NULL,
     "PA7020",
     NULL,
     NULL,
     0,
     false,
     false},
    {"a secret behind =",
     {"trigger", "track", "--key=k"},
     NULL,
     "PA7020",
     NULL,
     NULL,
     0,
     false,
     false},
};

static size_t fill(char **argv, const char *const *words)
{
    size_t n = 0;

    argv[n++] = bytes_copy(BYTES("partnerapp"));
    for (size_t i = 0; i < MAX_WORDS && words[i] != NULL; i++)
        argv[n++] = bytes_copy(bytes_str(words[i]));
    argv[n] = NULL;
    return n;
}

static void check_good(size_t i, const struct call *call)
{
    const char *value = cases[i].flag != NULL ? call_text(call, cases[i].flag) : NULL;

    if (strcmp(call->command->name, cases[i].command) != 0)
        fail_msg("%s: got %s, want %s", cases[i].why, call->command->name,
                 cases[i].command);
    if (cases[i].flag != NULL && (value == NULL || strcmp(value, cases[i].value) != 0))
        fail_msg("%s: --%s is %s, want %s", cases[i].why, cases[i].flag,
                 value != NULL ? value : "absent", cases[i].value);
    if (call->n_args != cases[i].n_args)
        fail_msg("%s: %zu arguments, want %zu", cases[i].why, call->n_args,
                 cases[i].n_args);
    if (call->wants_json != cases[i].wants_json ||
        call->wants_help != cases[i].wants_help)
        fail_msg("%s: --json or -h was not seen", cases[i].why);
}

static void understands_every_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *argv[MAX_WORDS + 2];
        size_t n = fill(argv, cases[i].words);
        struct call call;
        struct err err = {0};
        int answer = call_parse(&call, (int)n, argv, &err);

        if (cases[i].command == NULL &&
            (answer == 0 || strcmp(err.code, cases[i].code) != 0))
            fail_msg("%s: got %d %s %s, want %s", cases[i].why, answer, err.code,
                     err.text, cases[i].code);
        if (cases[i].command != NULL && answer != 0)
            fail_msg("%s: refused: %s", cases[i].why, err.text);
        if (cases[i].command != NULL)
            check_good(i, &call);
        if (answer != 0 && err.exit_code != ERR_USAGE)
            fail_msg("%s: exit %d, want 2", cases[i].why, (int)err.exit_code);
        call_done(&call);
        for (size_t word = 0; word < n; word++)
            free(argv[word]);
    }
}

static void flag_beats_environment_beats_default(void **state)
{
    char *argv[] = {bytes_copy(BYTES("partnerapp")), bytes_copy(BYTES("status")), NULL};
    struct call call;
    struct err err = {0};

    (void)state;
    setenv("PARTNERAPP_DATA", "from-environment", 1);
    assert_int_equal(0, call_parse(&call, 2, argv, &err));
    assert_string_equal("from-environment", call_text(&call, "data"));
    assert_null(call_given(&call, "data"));
    unsetenv("PARTNERAPP_DATA");
    assert_null(call_text(&call, "data"));
    call_done(&call);
    free(argv[0]);
    free(argv[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_every_line),
        cmocka_unit_test(flag_beats_environment_beats_default),
    };

    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
