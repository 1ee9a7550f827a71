/* SPDX-License-Identifier: MIT */

#include "core/gather.h"

#include "lib/cm.h"

static const struct {
    struct gather gather;
    int64_t now_us;
    int64_t want_us;
    const char *why;
} cases[] = {
    {{0}, 1000, 0, "nothing waits, so nothing waits for company"},
    {{.n_letters = 1}, 1000, 0, "the first commit of all"},
    {{5000, 1, true, false}, 5000 + GATHER_US, 0, "the last one began long enough ago"},
    {{5000, 1, true, false}, 5000 + GATHER_US - 1, 1, "not quite"},
    {{5000, 1, true, false}, 5300, GATHER_US - 300, "company is likely"},
    {{5000, 1, false, true}, 5300, GATHER_US - 300, "an attempt's end has no sender"},
    {{5000, 1, true, true}, 5300, 0, "who could come is here"},
    {{5000, GATHER_LETTERS, true, false}, 5300, 0, "enough"},
    {{5000, GATHER_LETTERS - 1, true, false}, 5300, GATHER_US - 300, "not enough yet"},
    {{5000, 0, true, false}, 5300, 0, "nothing waits"},
    {{5000, 1, true, false}, 4000, 0, "a clock that went back holds nobody up"},
};

static void a_commit_waits_only_for_company_that_may_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got_us = gather_us(&cases[i].gather, cases[i].now_us);

        if (got_us != cases[i].want_us)
            fail_msg("%s: got %lld, want %lld", cases[i].why, (long long)got_us,
                     (long long)cases[i].want_us);
    }
}

static void commits_of_a_steady_stream_are_bounded(void **state)
{
    struct gather gather = {0};
    int64_t at_us = 0;
    int n_commits = 0;

    (void)state;
    for (int64_t now_us = 1; now_us <= 1000000; now_us += 250) { /* 4,000 a second */
        gather.n_letters++;
        gather.has_sender = true;
        if (at_us > now_us)
            continue;
        at_us = now_us + gather_us(&gather, now_us);
        if (at_us > now_us)
            continue;
        n_commits++;
        gather = (struct gather){.began_us = now_us};
    }
    assert_in_range(n_commits, 400, 501);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_waits_only_for_company_that_may_come),
        cmocka_unit_test(commits_of_a_steady_stream_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
