/* SPDX-License-Identifier: MIT */

#include "net/segment_call.h"

#include <stdio.h>

#include "base/err.h"
#include "lib/cm.h"
#include "net/egress.h"
#include "origin.h"
#include "sys/clock.h"

#define CREDENTIAL "Bearer canary0123456789.abc"

struct world {
    struct origin *origin;
    struct egress *egress; /* allows loopback */
    char base[64];
    struct segment_caller caller;
    struct segment_answer answer;
};

static int world_begin(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct err err;

    *state = world;
    world->origin = origin_start();
    segment_answer_init(&world->answer);
    if (egress_new(NULL, 0, /* allow_loopback= */ true, &world->egress, &err) < 0)
        return -1;
    (void)snprintf(world->base, sizeof(world->base), "http://127.0.0.1:%d",
                   world->origin->port);
    world->caller = (struct segment_caller){.base = bytes_str(world->base),
                                            .authorization = BYTES(CREDENTIAL),
                                            .egress = world->egress,
                                            .max_tries = 1};
    return 0;
}

static int world_end(void **state)
{
    struct world *world = *state;

    segment_answer_done(&world->answer);
    origin_stop(world->origin);
    egress_free(world->egress);
    free(world);
    return 0;
}

static const struct segment_answer *call(struct world *world, const char *path)
{
    segment_call(&world->caller, "GET", bytes_str(path), BYTES(""), NULL, &world->answer);
    return &world->answer;
}

static void expect_sent(const struct segment_answer *answer, const char *text)
{
    if (strstr(buf_text(&answer->body), text) == NULL)
        fail_msg("\"%s\" is not in what was sent: %s", text, buf_text(&answer->body));
}

static void a_call_says_who_and_what(void **state)
{
    struct world *world = *state;
    struct segment_answer *answer = &world->answer;

    segment_call(&world->caller, "PATCH", BYTES("/echo?a=b"), BYTES("{\"x\":1}"), NULL,
                 answer);
    assert_int_equal(answer->status, 200);
    expect_sent(answer, "PATCH /echo?a=b HTTP/1.1\r\n");
    expect_sent(answer, "Authorization: " CREDENTIAL "\r\n");
    expect_sent(answer, "Accept: application/json\r\n");
    expect_sent(answer, "Content-Type: application/json\r\n");
    expect_sent(answer, "\r\n\r\n{\"x\":1}");
    assert_true(bytes_starts(buf_bytes(&answer->body), BYTES("PATCH ")));
}

static void a_form_is_sent_as_a_form_and_nothing_without_a_type(void **state)
{
    struct world *world = *state;
    struct segment_answer *answer = &world->answer;

    segment_call(&world->caller, "POST", BYTES("/echo"), BYTES("code=a"),
                 "application/x-www-form-urlencoded", answer);
    expect_sent(answer, "Content-Type: application/x-www-form-urlencoded\r\n");
    expect_sent(answer, "\r\n\r\ncode=a");
    (void)call(world, "/echo");
    assert_null(strstr(buf_text(&answer->body), "Content-Type"));
}

static const struct {
    const char *why;
    const char *path;
    enum segment_verdict want;
    int status;
} answers[] = {
    {"well", "/fail/503/0", SEGMENT_FINE, 200},
    {"refused", "/fail/403/9", SEGMENT_FORBIDDEN, 403},
    {"a page that is no JSON", "/status/404", SEGMENT_MALFORMED, 404},
    {"a redirect is not followed", "/to/307//fail/503/0", SEGMENT_MALFORMED, 307},
    {"an odd status", "/to/302//fail/503/0", SEGMENT_MALFORMED, 302},
    {"no answer", "/close", SEGMENT_UNAVAILABLE, 0},
    {"half an answer", "/half", SEGMENT_UNAVAILABLE, 0},
    {"no HTTP", "/noise", SEGMENT_UNAVAILABLE, 0},
    {"as large as may be, but no JSON", "/big/4194304", SEGMENT_MALFORMED, 200},
    {"larger", "/big/4194305", SEGMENT_MALFORMED, 0},
    {"away", "/fail/503/99", SEGMENT_UNAVAILABLE, 503},
    {"limited", "/fail/429/99", SEGMENT_LIMITED, 429},
};

static void every_answer_becomes_a_verdict(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(answers); i++) {
        const int n_before = world->origin->n_requests;
        const struct segment_answer *answer = call(world, answers[i].path);

        if (answer->verdict != answers[i].want || answer->status != answers[i].status)
            fail_msg("%s: got %s, status %d, \"%s\"", answers[i].why,
                     segment_verdict_text(answer->verdict), answer->status, answer->why);
        if (strstr(answer->why, "cana") != NULL)
            fail_msg("%s: the credential is in \"%s\"", answers[i].why, answer->why);
        if (world->origin->n_requests != n_before + 1)
            fail_msg("%s: %d requests", answers[i].why,
                     world->origin->n_requests - n_before);
    }
}

static void what_segment_quotes_has_no_credential_in_it(void **state)
{
    const struct segment_answer *answer = call(*state, "/fail/403/9");

    assert_int_equal(strncmp(answer->why, "I got ••••  ", strlen("I got ••••  ")), 0);
    assert_null(strstr(answer->why, "cana"));
}

static void nor_the_secret_that_the_body_had(void **state)
{
    struct world *world = *state;
    const struct segment_answer *answer;

    world->caller.secret = BYTES("I got ");
    answer = call(world, "/fail/403/9");
    assert_int_equal(strncmp(answer->why, "••••••••  ", strlen("••••••••  ")), 0);
}

static void what_passes_is_tried_again(void **state)
{
    struct world *world = *state;
    const int64_t begin_ms = clock_now_ms();

    world->caller.max_tries = 0;
    assert_int_equal(call(world, "/fail/503/1")->verdict, SEGMENT_FINE);
    assert_int_equal(world->origin->n_requests, 2);
    assert_true(clock_now_ms() - begin_ms >= 450);
    assert_string_equal(buf_text(&world->answer.body), "{}");
}

static void segments_own_delay_is_kept(void **state)
{
    struct world *world = *state;
    const int64_t begin_ms = clock_now_ms();

    world->caller.max_tries = 2;
    assert_int_equal(call(world, "/fail/429/1")->verdict, SEGMENT_FINE);
    assert_int_equal(world->origin->n_requests, 2);
    assert_true(clock_now_ms() - begin_ms >= 1000);
}

static bool count_down(void *arg)
{
    int *left = arg;

    return (*left)-- <= 0;
}

static void whoever_waits_can_be_called_off(void **state)
{
    struct world *world = *state;
    int left = 3;

    world->caller.max_tries = 0;
    world->caller.is_over_fn = count_down;
    world->caller.arg = &left;
    assert_int_equal(call(world, "/fail/503/9")->verdict, SEGMENT_UNAVAILABLE);
    assert_int_equal(world->origin->n_requests, 1);
    left = 0;
    assert_int_equal(call(world, "/fail/503/9")->verdict, SEGMENT_UNAVAILABLE);
    assert_int_equal(world->origin->n_requests, 1);
}

static const struct {
    const char *why;
    const char *base, *authorization;
} hopeless[] = {
    {"an address that is not allowed", "http://10.0.0.1", CREDENTIAL},
    {"no URL", "nonsense", CREDENTIAL},
    {"a file", "file:///etc", CREDENTIAL},
    {"a credential with a line break", NULL, "Bearer a\r\nX: y"},
};

static void what_no_try_mends_is_tried_once(void **state)
{
    struct world *world = *state;

    world->caller.max_tries = 0;
    for (size_t i = 0; i < COUNT(hopeless); i++) {
        const int64_t begin_ms = clock_now_ms();
        const struct segment_answer *answer;

        world->caller.base =
            bytes_str(hopeless[i].base != NULL ? hopeless[i].base : world->base);
        world->caller.authorization = bytes_str(hopeless[i].authorization);
        answer = call(world, "/fail/503/0");
        if (answer->verdict != SEGMENT_UNAVAILABLE || answer->status != 0 ||
            answer->why[0] == '\0')
            fail_msg("%s: got %s, status %d", hopeless[i].why,
                     segment_verdict_text(answer->verdict), answer->status);
        if (clock_now_ms() - begin_ms > 400)
            fail_msg("%s: it was tried again", hopeless[i].why);
    }
    assert_int_equal(world->origin->n_requests, 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_call_says_who_and_what),
        IN_WORLD(a_form_is_sent_as_a_form_and_nothing_without_a_type),
        IN_WORLD(every_answer_becomes_a_verdict),
        IN_WORLD(what_segment_quotes_has_no_credential_in_it),
        IN_WORLD(nor_the_secret_that_the_body_had),
        IN_WORLD(what_passes_is_tried_again),
        IN_WORLD(segments_own_delay_is_kept),
        IN_WORLD(whoever_waits_can_be_called_off),
        IN_WORLD(what_no_try_mends_is_tried_once),
    };

    return cmocka_run_group_tests_name("segment_call", tests, NULL, NULL);
}
