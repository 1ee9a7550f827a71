/* SPDX-License-Identifier: MIT */

/* The life of an attempt; what it sends is for tests/e2e. */

#include "emulator/delivery/attempt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "lib/cm.h"

/* An emulator, and a partner that answers when we want. */
struct stage {
    struct emulator *emulator;
    int fd;
    char url[64];
    int ended[2]; /* a pipe: a byte for each callback */
};

static int set_stage(void **state)
{
    static struct stage stage;
    const struct emulator_options options = {
        .host = "127.0.0.1", .public_port = -1, .seed = 1, .clock_rate = 1};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    struct err err = {0};

    stage = (struct stage){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (bind(stage.fd, (void *)&address, len) < 0 || listen(stage.fd, 16) < 0 ||
        getsockname(stage.fd, (void *)&address, &len) < 0 || pipe(stage.ended) < 0 ||
        emulator_start(&options, &stage.emulator, &err) < 0)
        return -1;
    snprintf(stage.url, sizeof(stage.url), "http://127.0.0.1:%d/",
             ntohs(address.sin_port));
    *state = &stage;
    return 0;
}

static int strike_stage(void **state)
{
    struct stage *stage = *state;

    if (stage->emulator != NULL)
        emulator_stop(stage->emulator);
    close(stage->fd);
    close(stage->ended[0]);
    close(stage->ended[1]);
    return 0;
}

static void on_done(void *arg, const struct attempt_result *result)
{
    const struct stage *stage = arg;
    const char class = (char)('0' + (int)result->reading.class);

    assert_int_equal(write(stage->ended[1], &class, 1), 1);
}

/* With the lock. */
static struct attempt *start(struct stage *stage)
{
    struct target target = {.kind = TARGET_WEBHOOK, .n_hooks = 1, .timeout_ms = 5000};

    target.hooks[0].url = bytes_str(stage->url);
    return attempt_start(emulator_world(stage->emulator), &target,
                         BYTES("{\"type\":\"track\"}"), on_done, stage);
}

static struct attempt *start_locked(struct stage *stage)
{
    struct attempt *attempt;

    emulator_enter(stage->emulator);
    attempt = start(stage);
    emulator_leave(stage->emulator);
    return attempt;
}

/* Blocks until the request is there. */
static int take_request(const struct stage *stage)
{
    char request[4096];
    const int fd = accept(stage->fd, NULL, NULL);

    assert_true(fd >= 0);
    assert_true(read(fd, request, sizeof(request)) > 0);
    return fd;
}

static void answer(int fd)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
}

/* Nothing can call any more, and nothing did. */
static void stop_and_count(struct stage *stage, ssize_t want)
{
    char ends[16];

    emulator_stop(take(stage->emulator));
    close(stage->ended[1]);
    stage->ended[1] = -1;
    assert_int_equal(read(stage->ended[0], ends, sizeof(ends)), want);
}

static void one_that_ends_calls_once(void **state)
{
    struct stage *stage = *state;
    char class;

    start_locked(stage);
    answer(take_request(stage));
    assert_int_equal(read(stage->ended[0], &class, 1), 1);
    assert_int_equal(class, '0' + RETRY_DELIVERED);
    stop_and_count(stage, 0);
}

static void one_that_is_cancelled_before_it_began_sends_nothing(void **state)
{
    struct stage *stage = *state;

    emulator_enter(stage->emulator);
    attempt_cancel(start(stage));
    emulator_leave(stage->emulator);
    /* The next one's request is the first that comes. */
    start_locked(stage);
    answer(take_request(stage));
    assert_int_equal(read(stage->ended[0], &(char){0}, 1), 1);
    stop_and_count(stage, 0);
}

static void
one_that_is_cancelled_by_another_thread_hangs_up_and_calls_nobody(void **state)
{
    struct stage *stage = *state;
    struct attempt *attempt = start_locked(stage);
    const int fd = take_request(stage);
    char rest;

    emulator_enter(stage->emulator);
    attempt_cancel(attempt);
    emulator_leave(stage->emulator);
    assert_int_equal(read(fd, &rest, 1), 0);
    close(fd);
    stop_and_count(stage, 0);
}

static void those_that_are_left_when_the_emulator_stops_call_nobody(void **state)
{
    struct stage *stage = *state;
    int fd;

    start_locked(stage);
    fd = take_request(stage);
    start_locked(stage);
    stop_and_count(stage, 0);
    close(fd);
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_stage, strike_stage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STAGE(one_that_ends_calls_once),
        ON_STAGE(one_that_is_cancelled_before_it_began_sends_nothing),
        ON_STAGE(one_that_is_cancelled_by_another_thread_hangs_up_and_calls_nobody),
        ON_STAGE(those_that_are_left_when_the_emulator_stops_call_nobody),
    };

    return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
