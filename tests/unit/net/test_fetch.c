/* SPDX-License-Identifier: MIT */

#include "net/client.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "lib/cm.h"
#include "net/egress.h"
#include "origin.h"

struct world {
    struct origin *origin;
    struct egress *egress; /* allows loopback */
    struct client_header headers[CLIENT_MAX_HEADERS];
    char url[512];
};

static int world_begin(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct err err;

    world->origin = origin_start();
    *state = world;
    return egress_new(NULL, 0, /* allow_loopback= */ true, &world->egress, &err);
}

static int world_end(void **state)
{
    struct world *world = *state;

    origin_stop(world->origin);
    egress_free(world->egress);
    free(world);
    return 0;
}

/* "@" in front stands for this origin. */
static struct bytes url(struct world *world, const char *path)
{
    if (path[0] != '@')
        return bytes_str(path);
    (void)snprintf(world->url, sizeof(world->url), "http://127.0.0.1:%d%s",
                   world->origin->port, path + 1);
    return bytes_str(world->url);
}

static void an_answer_beyond_the_callers_memory_is_too_large(void **state)
{
    struct world *world = *state;
    struct client_request request = {
        .url = url(world, "@/big/1000"), .timeout_ms = 5000, .egress = world->egress};
    struct client_response response;
    struct buf small;

    buf_init(&small, 500);
    client_fetch(&request, &small, world->headers, &response);
    assert_int_equal(TRANSPORT_TOO_LARGE, response.transport);
    buf_done(&small);
}

struct follower {
    size_t n_bytes;
    size_t stop_at;
};

static bool count_bytes(void *arg, struct bytes bytes)
{
    struct follower *follower = arg;

    follower->n_bytes += bytes.len;
    return follower->n_bytes < follower->stop_at;
}

static const struct {
    const char *why;
    const char *path;
    size_t stop_at;
    size_t n_bytes; /* at least */
    int want;
    enum err_exit exit_code;
} follows[] = {
    {"a stream without limit", "@/big/3000000", SIZE_MAX, 3000000, 0, 0},
    {"one that is stopped", "@/big/3000000", 1, 1, 0, 0},
    {"one that breaks off", "@/half", SIZE_MAX, 4, -1, ERR_TRY_LATER},
    {"a wrong token", "@/status/401", SIZE_MAX, 0, -1, ERR_AUTH},
    {"a wrong id", "@/status/404", SIZE_MAX, 0, -1, ERR_NOT_FOUND},
    {"nobody there", "http://127.0.0.1:1/", SIZE_MAX, 0, -1, ERR_TRY_LATER},
};

static void a_stream_is_handed_over_as_it_comes(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(follows); i++) {
        struct client_request request = {.url = url(world, follows[i].path),
                                         .egress = world->egress};
        struct follower follower = {0, follows[i].stop_at};
        struct err err = {0};
        int got = client_follow(&request, count_bytes, &follower, &err);

        if (got != follows[i].want || err.exit_code != follows[i].exit_code ||
            follower.n_bytes < follows[i].n_bytes ||
            (follows[i].n_bytes == 0 && follower.n_bytes > 0))
            fail_msg("%s: got %d, exit %d, %zu bytes, \"%s\"", follows[i].why, got,
                     (int)err.exit_code, follower.n_bytes, err.text);
    }
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(an_answer_beyond_the_callers_memory_is_too_large),
        IN_WORLD(a_stream_is_handed_over_as_it_comes),
    };

    return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
