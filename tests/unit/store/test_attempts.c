/* SPDX-License-Identifier: MIT */

#include "store/attempts.h"

#include "lib/cm.h"

static void keeps_the_first_and_the_newest(void **state)
{
    static const struct {
        const char *why, *joined, *newest;
        size_t max_bytes;
        const char *want;
    } cases[] = {
        {"the first of all", "", "{\"n\":1}", 100, "{\"n\":1}"},
        {"nothing new", "{\"n\":1}", "", 100, "{\"n\":1}"},
        {"nothing at all", "", "", 100, ""},
        {"all fit", "{\"n\":1},{\"n\":2}", "{\"n\":3}", 23,
         "{\"n\":1},{\"n\":2},{\"n\":3}"},
        {"one byte too many", "{\"n\":1},{\"n\":2}", "{\"n\":3}", 22,
         "{\"n\":1},{\"n\":3}"},
        {"the newest of the middle stay", "{\"n\":1},{\"n\":2},{\"n\":3}", "{\"n\":4}",
         23, "{\"n\":1},{\"n\":3},{\"n\":4}"},
        {"first and newest stay, whatever their size", "{\"n\":1},{\"n\":2}", "{\"n\":3}",
         1, "{\"n\":1},{\"n\":3}"},
        {"brackets and quotes in texts end nothing", "{\"a\":\"}\\\"}\"},{\"b\":[{},{}]}",
         "{\"n\":3}", 24, "{\"a\":\"}\\\"}\"},{\"n\":3}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 200);
        assert_int_equal(attempts_join(bytes_str(cases[i].joined),
                                       bytes_str(cases[i].newest), cases[i].max_bytes,
                                       &got),
                         0);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_the_first_and_the_newest)};

    return cmocka_run_group_tests_name("attempts", tests, NULL, NULL);
}
