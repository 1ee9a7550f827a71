/* SPDX-License-Identifier: MIT */
#pragma once

/* config_case - one attempt to load a configuration in a test, and what came of it. */

#include "core/config.h"

#include "base/err.h"
#include "lib/cm.h"

struct config_case {
    struct config *config; /* NULL when there were problems */
    struct config_problems problems;
};

#define CONFIG_MINIMAL "subscriptions:\n  - name: default\n    function: f.js\n"

static inline struct config_case config_case_load(struct config_sources sources)
{
    struct config_case result = {0};

    if (config_load(&sources, &result.config, &result.problems) < 0)
        result.config = NULL;
    return result;
}

static inline struct config_case config_case_file(const char *text)
{
    return config_case_load((struct config_sources){
        .file = bytes_str(text),
        .file_path = "/etc/partnerapp/partnerapp.yaml",
    });
}

static inline void config_case_done(struct config_case *result)
{
    config_free(result->config);
    config_problems_done(&result->problems);
}

/* Fails with all problems when there are some. */
static inline const struct config *config_case_good(const struct config_case *result)
{
    for (size_t i = 0; i < result->problems.n_items; i++)
        print_message("%s: %s\n%s\n%s\n", result->problems.items[i].code,
                      result->problems.items[i].text, result->problems.items[i].place,
                      result->problems.items[i].help);
    assert_int_equal(result->problems.n_items, 0);
    assert_non_null(result->config);
    return result->config;
}

/* A file with one mistake, and what is said of it. Empty: not looked at. */
struct config_mistake {
    const char *file;
    const char *code, *text, *place, *help;
};

static inline void config_case_refused(const struct config_mistake *mistake)
{
    struct config_case result = config_case_file(mistake->file);
    const struct err *problem = result.problems.items;

    if (result.problems.n_items == 0)
        fail_msg("accepted:\n%s", mistake->file);
    if (strcmp(problem->code, mistake->code) != 0)
        fail_msg("%s\ngot %s %s, want %s", mistake->file, problem->code, problem->text,
                 mistake->code);
    assert_int_equal(problem->exit_code, ERR_CONFIG);
    if (mistake->text[0] != '\0')
        assert_string_equal(problem->text, mistake->text);
    if (mistake->place[0] != '\0')
        assert_string_equal(problem->place, mistake->place);
    if (mistake->help[0] != '\0')
        assert_string_equal(problem->help, mistake->help);
    if (result.problems.n_items != 1)
        fail_msg("%s\nalso: %s", mistake->file, problem[1].text);
    config_case_done(&result);
}
