/* SPDX-License-Identifier: MIT */

#include "core/advice.h"

#include "base/attr.h"
#include "lib/cm.h"

#define DIED INT64_C(1793275200000) /* 2026-10-29T12:00 */

static const struct {
    const char *why;
    const char *name;
    struct advice_endpoint endpoint;
    bool want_temporary;
    const char *want; /* a part of the text */
} cases[] = {
    {"back again",
     "503",
     {"crm", 200, false, DIED + 60000},
     true,
     "Usually temporary. crm answered 200 at 12:01 UTC, so a replay should work."},
    {"still down", "503", {"crm", 503, true, DIED - 60000}, true, "crm still fails"},
    {"nobody asked since",
     "timeout",
     {"crm", 503, false, DIED - 1},
     true,
     "has not been asked since"},
    {"after a restart",
     "refused",
     {"crm", 0, false, 0},
     true,
     "has not been asked since"},
    {"many endpoints", "429", {0}, true, "A replay may work."},
    {"too old", "expired", {0}, true, "temporary"},
    {"thrown to be tried again", "RetryError", {0}, true, "temporary"},
    {"a bad key", "401", {"crm", 401, false, DIED + 1}, false, "without a new key"},
    {"not implemented", "501", {0}, false, "does not take these events"},
    {"another 4xx", "422", {0}, false, "does not take these events"},
    {"answered since, nobody knows what",
     "503",
     {"crm", 0, false, DIED + 60000},
     true,
     "temporary"},
    {"three letters", "abc", {0}, false, "The function ends with this error"},
    {"no status", "099", {0}, false, "The function ends with this error"},
    {"a bug", "TypeError", {0}, false, "Mend its code"},
    {"nothing", "", {0}, false, "The function ends with this error"},
    {"a wall", "egress", {0}, false, "egress.allow"},
};

static void says_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf text = {0};

        buf_init(&text, 512);
        advice_write(bytes_str(cases[i].name), &cases[i].endpoint, DIED, &text);
        if (advice_is_temporary(bytes_str(cases[i].name)) != cases[i].want_temporary)
            fail_msg("%s: temporary is not %d", cases[i].why, cases[i].want_temporary);
        if (text.full || strstr(buf_text(&text), cases[i].want) == NULL)
            fail_msg("%s: got \"%s\", want \"%s\"", cases[i].why, buf_text(&text),
                     cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_to_do)};

    return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
