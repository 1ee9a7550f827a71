/* SPDX-License-Identifier: MIT */

#include "net/client.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "lib/cm.h"
#include "names.h"
#include "net/egress.h"
#include "origin.h"
#include "sys/loop.h"

struct world {
    struct origin *origin;
    struct egress *egress; /* allows loopback */
    struct buf storage;
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct client_response response;
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

static const struct {
    const char *why;
    const char *path;
    enum outcome_transport want;
    int status;
    const char *error; /* in it */
    int64_t timeout_ms;
} ends[] = {
    {"a success", "@/status/200", TRANSPORT_OK, 200, ""},
    {"a failure of theirs is an answer", "@/status/500", TRANSPORT_OK, 500, ""},
    {"a 302 is an answer", "@/to/302/@/echo", TRANSPORT_OK, 302, ""},
    {"no answer in time", "@/hang", TRANSPORT_TIMEOUT, 0, "no answer within 50 ms", 50},
    {"nobody listens", "http://127.0.0.1:1/", TRANSPORT_REFUSED, 0,
     "connect to 127.0.0.1:1: connection refused"},
    {"closed without an answer", "@/close", TRANSPORT_REFUSED, 0, "without an answer"},
    {"closed in the middle", "@/half", TRANSPORT_REFUSED, 0, "within the answer"},
    {"not HTTP", "@/noise", TRANSPORT_OTHER, 0, "did not answer in HTTP"},
    {"an answer as large as allowed", "@/big/1048576", TRANSPORT_OK, 200, ""},
    {"one byte more", "@/big/1048577", TRANSPORT_TOO_LARGE, 0,
     "larger than 1048576 bytes"},
    {"a few interim answers", "@/heads/3", TRANSPORT_OK, 200, ""},
    {"interim answers without end", "@/heads/100000", TRANSPORT_TOO_LARGE, 0, "larger"},
    {"no URL", "", TRANSPORT_BAD_URL, 0, "not a URL"},
    {"a relative URL", "/path", TRANSPORT_BAD_URL, 0, "not a URL"},
    {"another scheme", "ftp://127.0.0.1/", TRANSPORT_BAD_URL, 0, "only http and https"},
    {"a file", "file:///etc/passwd", TRANSPORT_BAD_URL, 0, "not a URL"},
    {"a password in the URL", "http://u:p@127.0.0.1/", TRANSPORT_BAD_URL, 0, "not a URL"},
    {"a space in the host", "http://a b/", TRANSPORT_BAD_URL, 0, "not a URL"},
    {"a metadata address", "http://169.254.169.254/", TRANSPORT_EGRESS, 0,
     "connect to 169.254.169.254 refused: private address; allow it with egress.allow"},
    {"in decimal", "http://2852039166/", TRANSPORT_EGRESS, 0,
     "connect to 169.254.169.254 "},
    {"in hex", "http://0xa9fea9fe/", TRANSPORT_EGRESS, 0, "connect to 169.254.169.254 "},
    {"in octal", "http://0251.0376.0251.0376/", TRANSPORT_EGRESS, 0, "169.254.169.254 "},
    {"inside IPv6", "http://[::ffff:169.254.169.254]/", TRANSPORT_EGRESS, 0,
     "connect to ::ffff:169.254.169.254 "},
    {"the unspecified address", "http://0.0.0.0:80/", TRANSPORT_EGRESS, 0, "0.0.0.0"},
    {"the short form", "http://10.1/", TRANSPORT_EGRESS, 0, "connect to 10.0.0.1 "},
    {"a redirect to a private address", "@/to/307/http://10.0.0.1/", TRANSPORT_EGRESS, 0,
     "connect to 10.0.0.1 refused"},
    {"a redirect to another scheme is not followed", "@/to/307/file:///etc/passwd",
     TRANSPORT_OK, 307, ""},
    {"a redirect is followed", "@/to/307//echo", TRANSPORT_OK, 200, ""},
    {"once", "@/to/308//to/307//echo", TRANSPORT_OK, 307, ""},
};

static void every_end_has_its_name_and_sentence(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(ends); i++) {
        struct client_request request = {.url = url(world, ends[i].path),
                                         .timeout_ms = ends[i].timeout_ms,
                                         .egress = world->egress};
        const struct client_response *got = fetch(world, &request);

        if (got->transport != ends[i].want || got->status != ends[i].status ||
            strstr(got->error, ends[i].error) == NULL ||
            (got->transport == TRANSPORT_OK) != (got->error[0] == '\0'))
            fail_msg("%s (%s): got %d, %d, \"%s\", want %d, %d, \"%s\"", ends[i].why,
                     ends[i].path, (int)got->transport, got->status, got->error,
                     (int)ends[i].want, ends[i].status, ends[i].error);
    }
}

static void without_a_policy_loopback_is_refused(void **state)
{
    struct world *world = *state;
    struct client_request request = {.url = url(world, "@/echo")};
    const struct client_response *got = fetch(world, &request);

    assert_int_equal(TRANSPORT_EGRESS, got->transport);
    assert_int_equal(0, world->origin->n_connections);
}

static void a_name_that_leads_to_a_private_address_is_refused(void **state)
{
    struct world *world = *state;
    struct client_request request = {.url = BYTES("http://localhost:1/")};
    const struct client_response *got = fetch(world, &request);

    assert_int_equal(TRANSPORT_EGRESS, got->transport);
    assert_non_null(strstr(got->error, "(localhost) refused: private address"));
}

static void one_refused_address_refuses_all_that_a_name_leads_to(void **state)
{
    static const struct {
        const char *why, *host;
        bool is_refused;
    } cases[] = {
        {"refused first", "10.0.0.1.and.127.0.0.1.test", true},
        {"refused last", "127.0.0.1.and.10.0.0.1.test", true},
        {"of another family", "127.0.0.1.and.fd00--1.test", true},
        {"both allowed, the second listens", "127.0.0.9.and.127.0.0.1.test", false},
    };
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const int n_before = world->origin->n_connections;
        char text[128];

        (void)snprintf(text, sizeof(text), "http://%s:%d/echo", cases[i].host,
                       world->origin->port);
        struct client_request request = {.url = bytes_str(text), .egress = world->egress};
        const struct client_response *got = fetch(world, &request);
        const enum outcome_transport want =
            cases[i].is_refused ? TRANSPORT_EGRESS : TRANSPORT_OK;

        if (got->transport != want ||
            (world->origin->n_connections == n_before) != cases[i].is_refused ||
            (cases[i].is_refused && strstr(got->error, ") refused: private") == NULL))
            fail_msg("%s (%s): got %d \"%s\", want %d", cases[i].why, cases[i].host,
                     (int)got->transport, got->error, (int)want);
    }
}

static void a_name_that_does_not_exist_says_so_as_node_does(void **state)
{
    struct world *world = *state;
    struct client_request request = {.url = BYTES("http://no-such-host.invalid/")};
    const struct client_response *got = fetch(world, &request);

    assert_int_equal(TRANSPORT_DNS, got->transport);
    assert_string_equal("getaddrinfo ENOTFOUND no-such-host.invalid", got->error);
}

/* What /echo saw. */
static bool has_line(const struct world *world, const char *line)
{
    struct bytes body = world->response.body;

    return bytes_find(body, bytes_str(line)) < body.len;
}

static void sends_what_it_was_given_and_no_more(void **state)
{
    static const struct client_header headers[] = {
        {BYTES("X-One"), BYTES("1")},
        {BYTES("X-Empty"), BYTES("")},
        {BYTES("Content-Type"), BYTES("application/json")},
        {BYTES("content-length"), BYTES("999")},
        {BYTES("Host"), BYTES("evil.example")},
        {BYTES("Transfer-Encoding"), BYTES("chunked")},
        {BYTES("Connection"), BYTES("close")},
    };
    struct world *world = *state;
    struct client_request request = {.method = BYTES("PUT"),
                                     .url = url(world, "@/echo?a=b"),
                                     .headers = headers,
                                     .n_headers = COUNT(headers),
                                     .body = BYTES("{\"a\":1}"),
                                     .has_body = true,
                                     .egress = world->egress};
    char host[64];

    fetch(world, &request);
    assert_int_equal(TRANSPORT_OK, world->response.transport);
    (void)snprintf(host, sizeof(host), "\r\nHost: 127.0.0.1:%d\r\n", world->origin->port);
    assert_true(has_line(world, "PUT /echo?a=b HTTP/1.1\r\n"));
    assert_true(has_line(world, host));
    assert_true(has_line(world, "\r\nX-One: 1\r\n"));
    assert_true(has_line(world, "\r\nX-Empty:\r\n"));
    assert_true(has_line(world, "\r\nContent-Type: application/json\r\n"));
    assert_true(has_line(world, "\r\nUser-Agent: partnerapp/" PARTNERAPP_VERSION "\r\n"));
    assert_true(has_line(world, "\r\nContent-Length: 7\r\n"));
    assert_true(has_line(world, "\r\n\r\n{\"a\":1}"));
    assert_false(has_line(world, "999"));
    assert_false(has_line(world, "evil"));
    assert_false(has_line(world, "chunked"));
    assert_false(has_line(world, "close"));
    assert_false(has_line(world, "Expect"));
}

static void a_large_body_does_not_wait_for_a_100(void **state)
{
    static char large[(1 << 20) + 4096];
    struct world *world = *state;
    struct client_request request = {.method = BYTES("POST"),
                                     .url = url(world, "@/echo"),
                                     .body = {large, sizeof(large)},
                                     .has_body = true,
                                     .max_response_bytes = 2 << 20,
                                     .egress = world->egress};

    memset(large, 'x', sizeof(large));
    fetch(world, &request);
    assert_int_equal(TRANSPORT_OK, world->response.transport);
    assert_true(has_line(world, "\r\nContent-Length: 1052672\r\n"));
    assert_false(has_line(world, "Expect"));
}

static const struct {
    const char *why;
    const char *method;
    bool has_body;
    const char *first;
    const char *length; /* NULL: none */
} methods[] = {
    {"no method is GET", "", false, "GET /echo HTTP", NULL},
    {"GET with a body", "GET", true, "GET /echo HTTP", "Content-Length: 4\r\n"},
    {"DELETE without a body", "DELETE", false, "DELETE /echo HTTP", NULL},
    {"DELETE with one", "DELETE", true, "DELETE /echo HTTP", "Content-Length: 4\r\n"},
    {"POST without a body", "POST", false, "POST /echo HTTP", "Content-Length: 0\r\n"},
    {"a method of their own", "PURGE", false, "PURGE /echo HTTP", NULL},
};

static void every_method_is_framed_rightly(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(methods); i++) {
        struct client_request request = {.method = bytes_str(methods[i].method),
                                         .url = url(world, "@/echo"),
                                         .body = BYTES("body"),
                                         .has_body = methods[i].has_body,
                                         .egress = world->egress};

        request.body.len = methods[i].has_body ? 4 : 0;
        fetch(world, &request);
        if (!has_line(world, methods[i].first) ||
            has_line(world, "Content-Length") != (methods[i].length != NULL) ||
            (methods[i].length != NULL && !has_line(world, methods[i].length)))
            fail_msg("%s: got %.*s", methods[i].why, BYTES_FMT(world->response.body));
    }
}

static void a_head_request_has_headers_only(void **state)
{
    struct world *world = *state;
    struct client_request request = {.method = BYTES("HEAD"),
                                     .url = url(world, "@/status/200"),
                                     .egress = world->egress};
    const struct client_response *got = fetch(world, &request);

    assert_int_equal(200, got->status);
    assert_int_equal(0, got->body.len);
    assert_int_equal(1, got->n_headers);
}

static void hands_over_the_headers_of_the_real_answer(void **state)
{
    struct world *world = *state;
    struct client_request request = {.url = url(world, "@/echo"),
                                     .egress = world->egress};
    const struct client_response *got = fetch(world, &request);

    assert_int_equal(2, got->n_headers);
    assert_true(bytes_eq(got->headers[0].name, BYTES("X-Origin")));
    assert_true(bytes_eq(got->headers[0].value, BYTES("yes")));
    request.url = url(world, "@/heads/2");
    got = fetch(world, &request);
    assert_true(bytes_eq(got->headers[0].name, BYTES("X-Final")));
}

static const struct {
    const char *why;
    struct bytes method;
    struct client_header header;
} injections[] = {
    {"CR LF in a value", BYTES("GET"), {BYTES("X"), BYTES("a\r\nEvil: 1")}},
    {"LF alone", BYTES("GET"), {BYTES("X"), BYTES("a\nEvil: 1")}},
    {"CR alone", BYTES("GET"), {BYTES("X"), BYTES("a\rEvil: 1")}},
    {"NUL in a value", BYTES("GET"), {BYTES("X"), BYTES("a\0b")}},
    {"LF in a name", BYTES("GET"), {BYTES("X: 1\nEvil"), BYTES("a")}},
    {"colon in a name", BYTES("GET"), {BYTES("X: 1"), BYTES("a")}},
    {"an empty name", BYTES("GET"), {BYTES(""), BYTES("a")}},
    {"a request line in the method",
     BYTES("GET /evil HTTP/1.1\r\nX:"),
     {BYTES("X"), BYTES("1")}},
    {"a tunnel", BYTES("CONNECT"), {BYTES("X"), BYTES("1")}},
};

static void no_header_or_method_can_inject(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < COUNT(injections); i++) {
        struct client_request request = {.method = injections[i].method,
                                         .url = url(world, "@/echo"),
                                         .headers = &injections[i].header,
                                         .n_headers = 1,
                                         .egress = world->egress};
        const struct client_response *got = fetch(world, &request);

        if (got->transport != TRANSPORT_BAD_URL || got->error[0] == '\0')
            fail_msg("%s: got %d, \"%s\"", injections[i].why, (int)got->transport,
                     got->error);
    }
    assert_int_equal(0, world->origin->n_requests);
}

static void too_many_headers_are_refused(void **state)
{
    struct client_header headers[CLIENT_MAX_HEADERS + 1];
    struct world *world = *state;
    struct client_request request = {.url = url(world, "@/echo"),
                                     .headers = headers,
                                     .n_headers = CLIENT_MAX_HEADERS + 1,
                                     .egress = world->egress};

    for (size_t i = 0; i < COUNT(headers); i++)
        headers[i] = (struct client_header){BYTES("X"), BYTES("1")};
    assert_int_equal(TRANSPORT_BAD_URL, fetch(world, &request)->transport);
    request.n_headers = CLIENT_MAX_HEADERS;
    assert_int_equal(TRANSPORT_OK, fetch(world, &request)->transport);
}

static const struct client_header credentials[] = {
    {BYTES("authorization"), BYTES("Bearer top-secret")},
    {BYTES("Cookie"), BYTES("a=top-secret")},
    {BYTES("X-Kept"), BYTES("kept")},
};

static void a_redirect_keeps_method_and_body(void **state)
{
    struct world *world = *state;
    struct client_request request = {.method = BYTES("POST"),
                                     .url = url(world, "@/to/307//echo"),
                                     .headers = credentials,
                                     .n_headers = COUNT(credentials),
                                     .body = BYTES("again"),
                                     .has_body = true,
                                     .egress = world->egress};

    fetch(world, &request);
    assert_int_equal(200, world->response.status);
    assert_true(has_line(world, "POST /echo HTTP/1.1"));
    assert_true(has_line(world, "\r\n\r\nagain"));
    assert_true(has_line(world, "top-secret"));
}

static void another_origin_does_not_see_credentials(void **state)
{
    struct world *world = *state;
    struct origin *origin = world->origin;
    char path[256];

    /* The same machine under its other name is another origin. */
    (void)snprintf(path, sizeof(path), "@/to/307/http://localhost:%d/echo", origin->port);
    struct client_request request = {.url = url(world, path),
                                     .headers = credentials,
                                     .n_headers = COUNT(credentials),
                                     .egress = world->egress};

    fetch(world, &request);
    assert_int_equal(200, world->response.status);
    assert_true(has_line(world, "X-Kept: kept"));
    assert_false(has_line(world, "top-secret"));
}

/* Many calls in one loop. */
struct crowd {
    struct world *world;
    struct loop *loop;
    struct client *client;
    struct client_request request;
    int n_to_start;
    int n_open;
    int n_ok;
    int n_failed;
};

static void crowd_begin(struct crowd *crowd, struct world *world, const char *path)
{
    *crowd = (struct crowd){.world = world, .loop = loop_new()};
    crowd->client = client_new(crowd->loop, /* max_connections_per_host= */ 64);
    crowd->request = (struct client_request){
        .url = url(world, path), .timeout_ms = 20000, .egress = world->egress};
}

static void crowd_end(struct crowd *crowd)
{
    client_free(crowd->client);
    loop_free(crowd->loop);
}

static void start_more(struct crowd *crowd, int max_open);

static void on_crowd_done(void *arg, const struct client_response *response)
{
    struct crowd *crowd = arg;

    crowd->n_open--;
    if (response->transport == TRANSPORT_OK && response->status == 200)
        crowd->n_ok++;
    else
        crowd->n_failed++;
    start_more(crowd, 64);
    if (crowd->n_open == 0)
        loop_stop(crowd->loop);
}

static void start_more(struct crowd *crowd, int max_open)
{
    while (crowd->n_to_start > 0 && crowd->n_open < max_open) {
        crowd->n_to_start--;
        crowd->n_open++;
        assert_non_null(
            client_start(crowd->client, &crowd->request, on_crowd_done, crowd));
    }
}

static void five_hundred_requests_over_64_connections_all_end(void **state)
{
    struct crowd crowd;

    crowd_begin(&crowd, *state, "@/echo");
    crowd.n_to_start = 500;
    start_more(&crowd, 64);
    assert_int_equal(64, crowd.n_open); /* nothing was called from within the start */
    loop_run(crowd.loop);
    assert_int_equal(500, crowd.n_ok);
    assert_int_equal(0, crowd.n_failed);
    assert_in_range(client_n_connections(crowd.client), 1, 64);
    assert_int_equal(500, crowd.world->origin->n_requests);
    crowd_end(&crowd);
}

static void connections_are_kept_alive(void **state)
{
    struct crowd crowd;

    crowd_begin(&crowd, *state, "@/echo");
    for (int i = 0; i < 20; i++) {
        crowd.n_to_start = 1;
        start_more(&crowd, 1);
        loop_run(crowd.loop);
    }
    assert_int_equal(20, crowd.n_ok);
    assert_int_equal(1, client_n_connections(crowd.client));
    assert_int_equal(1, crowd.world->origin->n_connections);
    crowd_end(&crowd);
}

static void a_kept_connection_does_not_outlive_its_policy(void **state)
{
    struct crowd crowd;

    crowd_begin(&crowd, *state, "@/echo");
    crowd.n_to_start = 1;
    start_more(&crowd, 1);
    loop_run(crowd.loop);
    assert_int_equal(1, crowd.n_ok);

    crowd.request.egress = NULL;
    crowd.n_to_start = 1;
    start_more(&crowd, 1);
    loop_run(crowd.loop);
    assert_int_equal(1, crowd.n_failed);
    assert_int_equal(1, crowd.world->origin->n_requests);
    crowd_end(&crowd);
}

static void on_never(void *arg, const struct client_response *response)
{
    (void)arg;
    (void)response;
    fail_msg("a cancelled call was called back");
}

static void cancelled_calls_are_never_called_back(void **state)
{
    struct crowd crowd;
    struct client_call *calls[3];
    struct client_request bad = {.url = BYTES("nonsense")};

    crowd_begin(&crowd, *state, "@/hang");
    struct client_request hang = crowd.request;
    hang.timeout_ms = 30;
    calls[0] = client_start(crowd.client, &hang, on_never, NULL);
    calls[1] = client_start(crowd.client, &bad, on_never, NULL);
    calls[2] = client_start(crowd.client, &hang, on_never, NULL);
    client_cancel(calls[1]);
    client_cancel(calls[0]);

    crowd.request.url = BYTES("also nonsense");
    crowd.n_to_start = 1;
    start_more(&crowd, 1);
    loop_run(crowd.loop);
    assert_int_equal(1, crowd.n_failed);
    client_cancel(calls[2]);

    /* Longer than the cancelled calls' time. */
    crowd.request = hang;
    crowd.request.timeout_ms = 60;
    crowd.request.url = url(crowd.world, "@/hang");
    crowd.n_to_start = 1;
    start_more(&crowd, 1);
    loop_run(crowd.loop);
    assert_int_equal(2, crowd.n_failed);
    crowd_end(&crowd);
}

static void freeing_the_client_cancels_what_is_under_way(void **state)
{
    struct crowd crowd;
    struct client_request bad = {.url = BYTES("nonsense")};

    crowd_begin(&crowd, *state, "@/hang");
    for (int i = 0; i < 100; i++)
        (void)client_start(crowd.client, &crowd.request, on_never, NULL);
    (void)client_start(crowd.client, &bad, on_never, NULL);
    crowd_end(&crowd);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_begin, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(every_end_has_its_name_and_sentence),
        IN_WORLD(without_a_policy_loopback_is_refused),
        IN_WORLD(a_name_that_leads_to_a_private_address_is_refused),
        IN_WORLD(one_refused_address_refuses_all_that_a_name_leads_to),
        IN_WORLD(a_name_that_does_not_exist_says_so_as_node_does),
        IN_WORLD(sends_what_it_was_given_and_no_more),
        IN_WORLD(a_large_body_does_not_wait_for_a_100),
        IN_WORLD(every_method_is_framed_rightly),
        IN_WORLD(a_head_request_has_headers_only),
        IN_WORLD(hands_over_the_headers_of_the_real_answer),
        IN_WORLD(no_header_or_method_can_inject),
        IN_WORLD(too_many_headers_are_refused),
        IN_WORLD(a_redirect_keeps_method_and_body),
        IN_WORLD(another_origin_does_not_see_credentials),
        IN_WORLD(five_hundred_requests_over_64_connections_all_end),
        IN_WORLD(connections_are_kept_alive),
        IN_WORLD(a_kept_connection_does_not_outlive_its_policy),
        IN_WORLD(cancelled_calls_are_never_called_back),
        IN_WORLD(freeing_the_client_cancels_what_is_under_way),
    };

    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
