/* SPDX-License-Identifier: MIT */

/* What a caller may wish of one request beyond the usual; the rest is in test_client.c.
 */

#include "net/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "lib/cm.h"
#include "net/egress.h"
#include "origin.h"
#include "sys/loop.h"

struct world {
    struct origin *origin;
    struct egress *egress; /* allows loopback */
    struct buf storage;
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct client_response response;
    struct loop *loop;
    char url[512];
};

static int world_begin(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct err err;

    world->origin = origin_start();
    buf_init(&world->storage, 4 << 20);
    *state = world;
    return egress_new(NULL, 0, /* allow_loopback= */ true, &world->egress, &err);
}

static int world_end(void **state)
{
    struct world *world = *state;

    origin_stop(world->origin);
    egress_free(world->egress);
    buf_done(&world->storage);
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

static const struct client_response *fetch(struct world *world,
                                           struct client_request *request)
{
    if (request->timeout_ms == 0)
        request->timeout_ms = 5000;
    buf_clear(&world->storage);
    client_fetch(request, &world->storage, world->headers, &world->response);
    return &world->response;
}

/* What /echo saw. */
static bool has_line(const struct world *world, const char *line)
{
    struct bytes body = world->response.body;

    return bytes_find(body, bytes_str(line)) < body.len;
}

static void a_long_answer_may_be_cut_instead(void **state)
{
    struct world *world = *state;
    struct client_request request = {.url = url(world, "@/big/5000"),
                                     .max_response_bytes = 1000,
                                     .cuts_response = true,
                                     .egress = world->egress};
    const struct client_response *got = fetch(world, &request);

    assert_int_equal(TRANSPORT_OK, got->transport);
    assert_int_equal(1000, got->body.len);
}

static void says_keep_alive_where_it_is_wanted(void **state)
{
    struct world *world = *state;
    struct client_request request = {
        .url = url(world, "@/echo"), .says_keep_alive = true, .egress = world->egress};

    fetch(world, &request);
    assert_true(has_line(world, "\r\nConnection: Keep-Alive\r\n"));
    request.says_keep_alive = false;
    fetch(world, &request);
    assert_false(has_line(world, "Keep-Alive"));
}

static void plain_http_may_be_kept_on_this_machine(void **state)
{
    static const struct {
        const char *why, *path;
        enum outcome_transport want;
    } cases[] = {
        {"this machine", "@/echo", TRANSPORT_OK},
        {"elsewhere", "http://8.8.8.8/", TRANSPORT_EGRESS},
        {"a redirect to elsewhere", "@/to/307/http://8.8.8.8/", TRANSPORT_EGRESS},
        {"a redirect on this machine", "@/to/307//echo", TRANSPORT_OK},
    };
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct client_request request = {.url = url(world, cases[i].path),
                                         .is_plain_local = true,
                                         .egress = world->egress};
        const struct client_response *got = fetch(world, &request);

        if (got->transport != cases[i].want ||
            (got->transport == TRANSPORT_EGRESS &&
             strstr(got->error, "this machine only") == NULL))
            fail_msg("%s: got %d \"%s\", want %d", cases[i].why, (int)got->transport,
                     got->error, (int)cases[i].want);
    }
}

static void a_refused_connect_keeps_the_kernels_word(void **state)
{
    struct world *world = *state;
    struct client_request request = {.url = BYTES("http://127.0.0.1:1/"),
                                     .egress = world->egress};

    assert_int_equal(ECONNREFUSED, fetch(world, &request)->os_error);
    request.url = url(world, "@/close");
    assert_int_equal(0, fetch(world, &request)->os_error);
}

static void stop(void *arg, const struct client_response *response)
{
    struct world *world = arg;

    world->response = *response;
    loop_stop(world->loop);
}

static void a_request_that_went_out_twice_says_so(void **state)
{
    struct world *world = *state;
    struct client_request request = {.method = BYTES("POST"),
                                     .url = url(world, "@/echo"),
                                     .timeout_ms = 5000,
                                     .egress = world->egress};

    world->loop = loop_new();
    struct client *client = client_new(world->loop, 1);
    (void)client_start(client, &request, stop, world);
    loop_run(world->loop);
    assert_int_equal(1, world->response.n_sent);
    request.url = url(world, "@/close"); /* it reads the request, and goes */
    (void)client_start(client, &request, stop, world);
    loop_run(world->loop);
    assert_int_equal(TRANSPORT_REFUSED, world->response.transport);
    assert_int_equal(2, world->response.n_sent);
    assert_int_equal(3, atomic_load(&world->origin->n_requests));
    client_free(client);
    loop_free(world->loop);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_long_answer_may_be_cut_instead),
        IN_WORLD(says_keep_alive_where_it_is_wanted),
        IN_WORLD(plain_http_may_be_kept_on_this_machine),
        IN_WORLD(a_refused_connect_keeps_the_kernels_word),
        IN_WORLD(a_request_that_went_out_twice_says_so),
    };

    return cmocka_run_group_tests_name("client_wish", tests, NULL, NULL);
}
