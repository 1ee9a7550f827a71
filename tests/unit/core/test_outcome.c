/* SPDX-License-Identifier: MIT */

#include "core/outcome.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    enum outcome_transport transport;
    int status;
    enum outcome want;
} http_cases[] = {
    {"200 is delivered", TRANSPORT_OK, 200, OUTCOME_DELIVERED},
    {"204 is delivered", TRANSPORT_OK, 204, OUTCOME_DELIVERED},
    {"299 is the last 2xx", TRANSPORT_OK, 299, OUTCOME_DELIVERED},
    {"100 is no answer that mends", TRANSPORT_OK, 100, OUTCOME_DEAD},
    {"300 is not followed", TRANSPORT_OK, 300, OUTCOME_DEAD},
    {"304 answers a question nobody asked", TRANSPORT_OK, 304, OUTCOME_DEAD},
    {"400 stays wrong", TRANSPORT_OK, 400, OUTCOME_DEAD},
    {"401 stays wrong", TRANSPORT_OK, 401, OUTCOME_DEAD},
    {"404 stays wrong", TRANSPORT_OK, 404, OUTCOME_DEAD},
    {"408 was too slow", TRANSPORT_OK, 408, OUTCOME_RETRY},
    {"422 stays wrong", TRANSPORT_OK, 422, OUTCOME_DEAD},
    {"423 is locked for now", TRANSPORT_OK, 423, OUTCOME_RETRY},
    {"429 asks for patience", TRANSPORT_OK, 429, OUTCOME_RETRY},
    {"499 stays wrong", TRANSPORT_OK, 499, OUTCOME_DEAD},
    {"500 may recover", TRANSPORT_OK, 500, OUTCOME_RETRY},
    {"501 does not want this kind", TRANSPORT_OK, 501, OUTCOME_DISCARDED},
    {"502 may recover", TRANSPORT_OK, 502, OUTCOME_RETRY},
    {"599 may recover", TRANSPORT_OK, 599, OUTCOME_RETRY},
    {"a status is not looked at after a time-out", TRANSPORT_TIMEOUT, 200, OUTCOME_RETRY},
    {"refused", TRANSPORT_REFUSED, 0, OUTCOME_RETRY},
    {"DNS", TRANSPORT_DNS, 0, OUTCOME_RETRY},
    {"TLS", TRANSPORT_TLS, 0, OUTCOME_RETRY},
    {"egress is a decision", TRANSPORT_EGRESS, 0, OUTCOME_DEAD},
    {"a bad URL stays bad", TRANSPORT_BAD_URL, 0, OUTCOME_DEAD},
    {"too large an answer", TRANSPORT_TOO_LARGE, 200, OUTCOME_RETRY},
    {"anything else", TRANSPORT_OTHER, 0, OUTCOME_RETRY},
    {"unset loses nothing", TRANSPORT_NONE, 200, OUTCOME_RETRY},
};

static void a_request_ends_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(http_cases); i++) {
        enum outcome got = outcome_of_http(http_cases[i].transport, http_cases[i].status);

        if (got != http_cases[i].want)
            fail_msg("%s: got %d, want %d", http_cases[i].why, (int)got,
                     (int)http_cases[i].want);
    }
}

static const struct {
    const char *why;
    int status;
    enum outcome want;
} item_cases[] = {
    {"200 is delivered", 200, OUTCOME_DELIVERED},
    {"299 is the last 2xx", 299, OUTCOME_DELIVERED},
    {"300 is no success", 300, OUTCOME_DISCARDED},
    {"400 stays wrong", 400, OUTCOME_DISCARDED},
    {"404 stays wrong", 404, OUTCOME_DISCARDED},
    {"408 was too slow", 408, OUTCOME_RETRY},
    {"423 is locked for now", 423, OUTCOME_RETRY},
    {"429 asks for patience", 429, OUTCOME_RETRY},
    {"500 may recover", 500, OUTCOME_RETRY},
    {"501 does not want this kind", 501, OUTCOME_DISCARDED},
    {"503 may recover", 503, OUTCOME_RETRY},
    {"0 is no status", 0, OUTCOME_DISCARDED},
    {"nor is -1", -1, OUTCOME_DISCARDED},
};

static void an_event_of_a_batch_ends_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(item_cases); i++) {
        enum outcome got = outcome_of_item(item_cases[i].status);

        if (got != item_cases[i].want)
            fail_msg("%s: got %d, want %d", item_cases[i].why, (int)got,
                     (int)item_cases[i].want);
    }
}

static const struct {
    const char *why;
    enum outcome_run run;
    const char *name;
    enum outcome want;
} run_cases[] = {
    {"returned", RUN_RETURNED, "", OUTCOME_DELIVERED},
    {"unsupported event type", RUN_THREW, "EventNotSupported", OUTCOME_DISCARDED},
    {"message rejected", RUN_THREW, "InvalidEventPayload", OUTCOME_DISCARDED},
    {"message rejected", RUN_THREW, "ValidationError", OUTCOME_DISCARDED},
    {"filtered", RUN_THREW, "DropEvent", OUTCOME_DISCARDED},
    {"asks for another try", RUN_THREW, "RetryError", OUTCOME_RETRY},
    {"a bug", RUN_THREW, "TypeError", OUTCOME_DEAD},
    {"bad request", RUN_THREW, "FetchError", OUTCOME_DEAD},
    {"a thrown string", RUN_THREW, "", OUTCOME_DEAD},
    {"names are exact", RUN_THREW, "retryerror", OUTCOME_DEAD},
    {"too slow", RUN_TIMEOUT, "", OUTCOME_RETRY},
    {"too big", RUN_MEMORY, "", OUTCOME_RETRY},
    {"crashed", RUN_CRASHED, "", OUTCOME_RETRY},
    {"no handler", RUN_NO_HANDLER, "", OUTCOME_DISCARDED},
    {"does not load", RUN_NOT_LOADED, "", OUTCOME_DEAD},
    {"unset loses nothing", RUN_NONE, "", OUTCOME_RETRY},
};

static void a_run_ends_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(run_cases); i++) {
        enum outcome got = outcome_of_run(run_cases[i].run, bytes_str(run_cases[i].name));

        if (got != run_cases[i].want)
            fail_msg("%s: got %d, want %d", run_cases[i].why, (int)got,
                     (int)run_cases[i].want);
    }
}

static const struct {
    const char *why;
    enum outcome outcome;
    unsigned made, allowed;
    int64_t next_at_ms, deadline_ms;
    enum delivery_state want;
} state_cases[] = {
    {"delivered", OUTCOME_DELIVERED, 1, 10, 5, 9, DELIVERY_DELIVERED},
    {"delivered at the last try", OUTCOME_DELIVERED, 10, 10, 99, 9, DELIVERY_DELIVERED},
    {"discarded", OUTCOME_DISCARDED, 1, 10, 5, 9, DELIVERY_DISCARDED},
    {"dead at once", OUTCOME_DEAD, 1, 10, 5, 9, DELIVERY_DEAD},
    {"tries left", OUTCOME_RETRY, 1, 10, 5, 9, DELIVERY_RETRYING},
    {"one try left", OUTCOME_RETRY, 9, 10, 5, 9, DELIVERY_RETRYING},
    {"no try left", OUTCOME_RETRY, 10, 10, 5, 9, DELIVERY_DEAD},
    {"more tries than allowed", OUTCOME_RETRY, 11, 10, 5, 9, DELIVERY_DEAD},
    {"only one allowed", OUTCOME_RETRY, 1, 1, 5, 9, DELIVERY_DEAD},
    {"due at the very end", OUTCOME_RETRY, 1, 10, 9, 9, DELIVERY_RETRYING},
    {"too old", OUTCOME_RETRY, 1, 10, 10, 9, DELIVERY_DEAD},
    {"unset is a retry", OUTCOME_NONE, 1, 10, 5, 9, DELIVERY_RETRYING},
};

static void the_state_follows_from_outcome_tries_and_age(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(state_cases); i++) {
        enum delivery_state got = outcome_state(
            state_cases[i].outcome, state_cases[i].made, state_cases[i].allowed,
            state_cases[i].next_at_ms, state_cases[i].deadline_ms);

        if (got != state_cases[i].want)
            fail_msg("%s: got %s, want %s", state_cases[i].why, delivery_state_text(got),
                     delivery_state_text(state_cases[i].want));
    }
}

static const struct {
    enum outcome outcome;
    const char *name;
    int want;
} inline_cases[] = {
    {OUTCOME_DELIVERED, "", 200},
    {OUTCOME_DISCARDED, "EventNotSupported", 501},
    {OUTCOME_DISCARDED, "", 501},
    {OUTCOME_DISCARDED, "InvalidEventPayload", 400},
    {OUTCOME_DISCARDED, "ValidationError", 400},
    {OUTCOME_DEAD, "TypeError", 400},
    {OUTCOME_RETRY, "RetryError", 202},
    {OUTCOME_NONE, "", 202},
};

static void inline_answers_what_segment_understands(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(inline_cases); i++) {
        int got = outcome_inline_status(inline_cases[i].outcome,
                                        bytes_str(inline_cases[i].name));

        if (got != inline_cases[i].want)
            fail_msg("%d %s: got %d, want %d", (int)inline_cases[i].outcome,
                     inline_cases[i].name, got, inline_cases[i].want);
    }
}

static void every_transport_has_a_word(void **state)
{
    (void)state;
    assert_string_equal(outcome_transport_text(TRANSPORT_TIMEOUT), "timeout");
    assert_string_equal(outcome_transport_text(TRANSPORT_REFUSED), "refused");
    for (int i = TRANSPORT_NONE; i <= TRANSPORT_OTHER; i++)
        assert_true(outcome_transport_text((enum outcome_transport)i)[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_ends_as_the_table_says),
        cmocka_unit_test(an_event_of_a_batch_ends_as_the_table_says),
        cmocka_unit_test(a_run_ends_as_the_table_says),
        cmocka_unit_test(the_state_follows_from_outcome_tries_and_age),
        cmocka_unit_test(inline_answers_what_segment_understands),
        cmocka_unit_test(every_transport_has_a_word),
    };

    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
