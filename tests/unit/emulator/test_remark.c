/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/remark.h"

#include "base/mem.h"
#include "lib/cm.h"

#define BEGINNING "your call differs from the documented one: "

static const struct {
    const char *why;
    const char *query;
    const char *want;
} cases[] = {
    {"as documented",
     "client_id=a&redirect_uri=b&scope=destination%2Fdemo&response_type=code&state=x y",
     ""},
    {"a space at the end", "scope=workspace%20",
     BEGINNING "`scope` has white space at its end or beginning"},
    {"a plus is a space", "client_id=+a",
     BEGINNING "`client_id` has white space at its end or beginning"},
    {"two scopes", "scope=workspace+workspace:read",
     BEGINNING "`scope` is one scope, not several"},
    {"an unknown one", "scopes=a", BEGINNING "there is no parameter `scopes`"},
    {"two remarks", "a=1&b=2",
     BEGINNING "there is no parameter `a`; there is no parameter `b`"},
    {"nothing", "", ""},
};

static void judges_the_query_of_authorize(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 1024);
        remark_add_authorize(bytes_str(cases[i].query), &got);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", cases[i].why, buf_text(&got),
                     cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_the_query_of_authorize),
    };

    return cmocka_run_group_tests_name("remark", tests, NULL, NULL);
}
