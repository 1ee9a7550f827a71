/* SPDX-License-Identifier: MIT */

#include "base/accept.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *header;
    const char *type;
    int want;
} cases[] = {
    {"no header wants all", "", "text/html", 1000},
    {"a browser wants pages",
     "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html",
     1000},
    {"a browser takes the rest a little less",
     "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
     "application/json", 800},
    {"what is not named", "application/json", "text/html", 0},
    {"all alike", "*/*", "text/html", 1000},
    {"a family", "text/*;q=0.5", "text/html", 500},
    {"a family is not another", "text/*", "textile/html", 0},
    {"the type beats its family, wherever it stands", "text/html;q=0.2, text/*",
     "text/html", 200},
    {"the family beats all", "*/*;q=0.9, text/*;q=0.1", "text/html", 100},
    {"letter case", "Text/HTML;Q=0.3", "text/html", 300},
    {"other parameters", "text/html;level=1;q=0.4", "text/html", 400},
    {"refused", "text/html;q=0", "text/html", 0},
    {"refused at length", "text/html;q=0.000", "text/html", 0},
    {"three digits", "text/html;q=0.125", "text/html", 125},
    {"more than one is one", "text/html;q=7", "text/html", 1000},
    {"quality that is none", "text/html;q=much", "text/html", 1000},
    {"spaces", " text/html ; q=0.6 , */* ", "text/html", 600},
    {"commas only", ",,,", "text/html", 0},
    {"a star alone is no range", "*", "text/html", 0},
};

static void every_header_is_weighed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const int got =
            accept_quality(bytes_str(cases[i].header), bytes_str(cases[i].type));

        if (got != cases[i].want)
            fail_msg("%s: \"%s\" wants %s by %d, not %d", cases[i].why, cases[i].header,
                     cases[i].type, got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_header_is_weighed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
