/* SPDX-License-Identifier: MIT */
#include "js/absent.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *(*ask)(struct bytes name);
    struct bytes name;
    const char *want; /* within the sentence; NULL: nothing is known */
} cases[] = {
    {"a vendor's library", absent_global, BYTES("AWS"), "fetch()"},
    {"a name that is nobody's", absent_global, BYTES("AWs"), NULL},
    {"the empty name", absent_global, BYTES(""), NULL},
    {"a module is no global", absent_global, BYTES("fs"), NULL},
    {"a module of Node's", absent_module, BYTES("fs"), "files"},
    {"the same by its longer name", absent_module, BYTES("node:fs"), "files"},
    {"a module that is there", absent_module, BYTES("https"), NULL},
    {"a package", absent_module, BYTES("axios"), "fetch()"},
};

static void knows_what_is_not_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got = cases[i].ask(cases[i].name);

        if ((got == NULL) != (cases[i].want == NULL) ||
            (got != NULL && strstr(got, cases[i].want) == NULL))
            fail_msg("%s: got %s, want %s", cases[i].why, got != NULL ? got : "nothing",
                     cases[i].want != NULL ? cases[i].want : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_what_is_not_there)};

    return cmocka_run_group_tests_name("absent", tests, NULL, NULL);
}
