/* SPDX-License-Identifier: MIT */

#include "cli/command.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *family; /* NULL: a command's first word */
    const char *wrong;
    const char *want; /* "" for nothing near */
} typos[] = {
    {"two neighbours dropped", NULL, "evnts", "events"},
    {"neighbours swapped", NULL, "dve", "dev"},
    {"a letter too many", NULL, "servee", "serve"},
    {"a letter missing", NULL, "triger", "trigger"},
    {"singular", NULL, "event", "events"},
    {"plural", NULL, "tokens", "token"},
    {"a vowel changed", NULL, "stetus", "status"},
    {"upper case counts as the same", NULL, "Status", "status"},
    {"nothing near", NULL, "kubernetes", ""},
    {"of one letter nothing can be meant", NULL, "x", ""},
    {"a verb below its family", "events", "lst", "list"},
    {"a verb of another family is not offered", "events", "discard", ""},
    {"two letters swapped in a verb", "keys", "craete", "create"},
    {"a planned command is suggested too", NULL, "benhc", "bench"},
    {"so is a family", NULL, "lambada", "lambda"},
};

static void suggests_what_was_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(typos); i++) {
        struct bytes got = command_suggest(typos[i].family, typos[i].wrong);

        if (!bytes_eq(got, bytes_str(typos[i].want)))
            fail_msg("%s: `%s` got `%.*s`, want `%s`", typos[i].why, typos[i].wrong,
                     BYTES_FMT(got), typos[i].want);
    }
}

static void suggests_flags_of_the_command_only(void **state)
{
    size_t n_words;
    const struct command *dev = command_find("dev", NULL, &n_words);

    (void)state;
    assert_true(bytes_eq(command_suggest_flag(dev, "--prot"), BYTES("port")));
    assert_true(bytes_eq(command_suggest_flag(dev, "--jsn"), BYTES("json")));
    assert_int_equal(0, command_suggest_flag(dev, "--subscription").len);
}

static void finds_the_longest_name(void **state)
{
    size_t n_words = 0;

    (void)state;
    assert_string_equal("events list", command_find("events", "list", &n_words)->name);
    assert_int_equal(2, n_words);
    assert_string_equal("status", command_find("status", "list", &n_words)->name);
    assert_int_equal(1, n_words);
    assert_null(command_find("events", NULL, &n_words));
    assert_null(command_find("ev", NULL, &n_words)); /* no abbreviations */
    assert_true(command_is_family("events"));
    assert_false(command_is_family("status"));
}

static void check_flags(const struct command *command)
{
    for (const struct flag *flag = command->flags; flag != NULL && flag->name != NULL;
         flag++) {
        const struct flag *first = command_flag(NULL, flag->name, strlen(flag->name), 0);

        if (flag->summary == NULL || flag->summary[0] == '\0')
            fail_msg("%s --%s: no summary", command->name, flag->name);
        if ((flag->kind == FLAG_SWITCH) != (flag->value == NULL))
            fail_msg("%s --%s: a value's name, or a switch", command->name, flag->name);
        if (flag->kind == FLAG_CHOICE && flag->choices == NULL)
            fail_msg("%s --%s: no choices", command->name, flag->name);
        /* Flags may stand before the command's name: their kind must not depend on it. */
        if ((first->kind == FLAG_SWITCH) != (flag->kind == FLAG_SWITCH))
            fail_msg("%s --%s: a switch elsewhere, or here", command->name, flag->name);
    }
}

static void every_row_is_whole(void **state)
{
    const size_t n_commands = command_count();

    (void)state;
    for (size_t i = 0; i < n_commands; i++) {
        const struct command *command = command_at(i);

        if (command->summary == NULL || command->arguments == NULL)
            fail_msg("%s: no summary or arguments", command->name);
        if ((command->planned == NULL) != (command->run != NULL))
            fail_msg("%s: either built or planned", command->name);
        if (command->planned == NULL && command->examples == NULL)
            fail_msg("%s: help opens with examples", command->name);
        if (command->max_args < command->min_args)
            fail_msg("%s: argument numbers", command->name);
        check_flags(command);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(command_at(j)->name, command->name) == 0)
                fail_msg("%s: twice", command->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggests_what_was_meant),
        cmocka_unit_test(suggests_flags_of_the_command_only),
        cmocka_unit_test(finds_the_longest_name),
        cmocka_unit_test(every_row_is_whole),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
