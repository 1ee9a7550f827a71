/* SPDX-License-Identifier: MIT */

#include "net/server.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk.h"
#include "lib/cm.h"

#define HOST "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"
#define POST_HI(path) "POST " path " HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"

static void expect(int fd, int status, const char *body)
{
    struct got got = desk_read(fd);

    if (got.status != status || strcmp(buf_text(&got.body), body) != 0)
        fail_msg("got %d '%s', want %d '%s'", got.status, buf_text(&got.body), status,
                 body);
    got_done(&got);
}

static void open_desk(struct desk *desk)
{
    desk_init(desk);
    desk_open(desk);
}

static void keeps_a_connection_for_many_requests(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    for (int i = 0; i < 3; i++) {
        desk_write_text(fd, POST_HI("/now"));
        expect(fd, 200, "hi");
        desk_write_text(fd, GET("/nowhere"));
        expect(fd, 404, "{\"message\":\"Not found\"}");
    }
    close(fd);
    desk_close(&desk);
}

static void answers_pipelined_requests_in_order(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd,
                    POST_HI("/later") GET("/early") POST_HI("/now") POST_HI("/later"));
    expect(fd, 200, "hi");
    expect(fd, 401, "{\"message\":\"API key is missing or invalid\"}");
    expect(fd, 200, "hi");
    expect(fd, 200, "hi");
    close(fd);
    desk_close(&desk);
}

static void writes_the_head_it_was_given(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST_HI("/now"));
    struct got got = desk_read(fd);
    assert_non_null(strstr(got.head.ptr, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(got.head.ptr, "\r\nX-Test: yes\r\n"));
    assert_non_null(strstr(got.head.ptr, "\r\nDate: "));
    assert_null(strstr(got.head.ptr, "X-Evil"));
    assert_null(strstr(got.head.ptr, "Server:"));
    assert_false(got.is_closing);
    got_done(&got);
    close(fd);
    desk_close(&desk);
}

static void a_head_request_gets_no_body(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, "HEAD /nowhere HTTP/1.1\r\n" HOST "\r\n" GET("/now"));
    struct got got = desk_read(fd);
    assert_int_equal(404, got.status);
    /* desk_read took the next answer for the body that Content-Length announced. */
    assert_memory_equal("HTTP/1.1 200 OK", got.body.ptr, 15);
    got_done(&got);
    close(fd);
    desk_close(&desk);
}

static void shows_peer_path_and_query(void **state)
{
    struct desk desk;
    char noted[DESK_NOTE_LEN];

    (void)state;
    open_desk(&desk);
    assert_int_equal(200, desk_ask(&desk, BYTES(GET("/a%20b?p=1&q=x%3Dy%26z"))));
    desk_noted(&desk, noted);
    assert_string_equal("127.0.0.1 loopback /a b x=y&z", noted);
    assert_int_equal(200, desk_ask(&desk, BYTES(GET("http://h/a%20b?q=2"))));
    desk_noted(&desk, noted);
    assert_string_equal("127.0.0.1 loopback /a b 2", noted);
    assert_int_equal(400, desk_ask(&desk, BYTES(GET("/a%00b"))));
    desk_close(&desk);
}

static void answers_200_suspended_requests_from_another_thread(void **state)
{
    enum { N = 200 };
    struct desk desk;
    int fds[N];

    (void)state;
    open_desk(&desk);
    for (int i = 0; i < N; i++) {
        fds[i] = desk_connect(&desk);
        desk_write_text(fds[i], POST_HI("/held"));
    }
    desk_wait_held(&desk, N);
    assert_int_equal(N, server_n_open(desk.server));
    desk_release(&desk, 202);
    for (int i = 0; i < N; i++) {
        expect(fds[i], 202, "{\"message\":\"Released\"}");
        desk_write_text(fds[i], POST_HI("/later"));
    }
    for (int i = 0; i < N; i++) {
        expect(fds[i], 200, "hi");
        close(fds[i]);
    }
    assert_true(atomic_load(&desk.n_turns) > 0);
    desk_close(&desk);
}

static void a_turn_says_how_many_connections_may_still_bring_a_request(void **state)
{
    struct desk desk;
    int fds[2];

    (void)state;
    open_desk(&desk);
    for (int i = 0; i < 2; i++) {
        fds[i] = desk_connect(&desk);
        desk_write_text(fds[i], POST_HI("/now"));
        expect(fds[i], 200, "hi");
    }
    desk_write_text(fds[0], POST_HI("/held"));
    desk_wait_free(&desk, 1);
    desk_write_text(fds[1], POST_HI("/held"));
    desk_wait_free(&desk, 0);
    desk_release(&desk, 202);
    for (int i = 0; i < 2; i++)
        expect(fds[i], 202, "{\"message\":\"Released\"}");
    desk_write_text(fds[0], POST_HI("/held"));
    desk_wait_free(&desk, 1);
    desk_release(&desk, 202);
    close(fds[0]);
    close(fds[1]);
    desk_close(&desk);
}

/* With a reset, which the server sees while it waits for the handler's answer. */
static void who_leaves_before_the_answer_leaves_nothing_behind(void **state)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST_HI("/held"));
    desk_wait_held(&desk, 1);
    assert_int_equal(0, setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
    close(fd);
    assert_int_equal(200, desk_ask(&desk, BYTES(POST_HI("/now"))));
    assert_true(server_n_open(desk.server) > 0); /* the handler's still */
    desk_release(&desk, 202);
    while (server_n_open(desk.server) > 0)
        assert_int_equal(200, desk_ask(&desk, BYTES(POST_HI("/later"))));
    desk_close(&desk);
}

/* The pieces of a body come while another request waits for its answer. */
static void a_large_body_is_read_beside_a_request_that_waits(void **state)
{
    enum { BODY_BYTES = 8 << 20 };
    struct desk desk;
    struct buf text;

    (void)state;
    desk_init(&desk);
    desk.options.body_bytes = BODY_BYTES;
    desk.options.deadline_ms = 10 * 60 * 1000; /* under valgrind it takes its time */
    desk_open(&desk);
    buf_init(&text, BODY_BYTES + 256);
    buf_addf(&text, "POST /now HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n",
             BODY_BYTES);
    memset(buf_room(&text, BODY_BYTES), 'x', BODY_BYTES);
    buf_grew(&text, BODY_BYTES);
    int waiting = desk_connect(&desk);
    desk_write_text(waiting, POST_HI("/held"));
    desk_wait_held(&desk, 1);
    assert_int_equal(200, desk_ask(&desk, buf_bytes(&text)));
    desk_release(&desk, 202);
    expect(waiting, 202, "{\"message\":\"Released\"}");
    close(waiting);
    buf_done(&text);
    desk_close(&desk);
}

static void asks_for_a_body_only_when_it_wants_it(void **state)
{
    static const char head[] =
        "POST %s HTTP/1.1\r\n" HOST "Content-Length: %d\r\nExpect: 100-continue\r\n\r\n";
    struct desk desk;
    char text[256];

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    snprintf(text, sizeof(text), head, "/now", 2);
    desk_write_text(fd, text);
    expect(fd, 100, "");
    desk_write_text(fd, "hi");
    expect(fd, 200, "hi");
    snprintf(text, sizeof(text), head, "/early", 2);
    desk_write_text(fd, text);
    struct got got = desk_read(fd);
    assert_int_equal(401, got.status);
    assert_true(got.is_closing); /* the body may come all the same */
    got_done(&got);
    close(fd);
    snprintf(text, sizeof(text), head, "/now", 5000);
    assert_int_equal(413, desk_ask(&desk, bytes_str(text)));
    desk_close(&desk);
}

static void takes_a_chunked_body_and_closes_after_it(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, "POST /now HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                        "2\r\nhi\r\n1;x=y\r\n!\r\n0\r\nTrailer: x\r\n\r\n" GET("/now"));
    struct got got = desk_read(fd);
    assert_int_equal(200, got.status);
    assert_string_equal("hi!", got.body.ptr);
    assert_true(got.is_closing);
    assert_true(desk_is_ended(fd));
    assert_int_equal(1, atomic_load(&desk.n_bodies));
    got_done(&got);
    close(fd);
    desk_close(&desk);
}

static void a_stream_arrives_and_ends(void **state)
{
    struct desk desk;
    char text[1024] = "";
    size_t len = 0;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, GET("/stream"));
    desk_wait_streams(&desk, 1);
    assert_true(desk_send_stream(&desk, BYTES("data: one\n\n")));
    while (strstr(text, "data: one") == NULL) {
        ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);

        assert_true(n > 0);
        len += (size_t)n;
    }
    assert_true(desk_send_stream(&desk, BYTES("data: two\n\n")));
    pthread_mutex_lock(&desk.lock);
    server_stream_end(desk.stream);
    pthread_mutex_unlock(&desk.lock);
    while (strstr(text, "\r\n0\r\n\r\n") == NULL) {
        ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);

        assert_true(n > 0);
        len += (size_t)n;
    }
    assert_non_null(strstr(text, "data: two"));
    assert_non_null(strstr(text, "Content-Type: text/event-stream"));
    desk_wait_closed(&desk, 1);
    close(fd);
    desk_close(&desk);
    assert_int_equal(1, desk.n_closed);
}

static void a_slow_reader_of_a_stream_is_cut_off(void **state)
{
    static char page[16 << 10];
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, GET("/stream"));
    desk_wait_streams(&desk, 1);
    memset(page, 'x', sizeof(page));
    while (desk_send_stream(&desk, bytes_of(page, sizeof(page))))
        ;
    desk_wait_closed(&desk, 1);
    assert_true(desk_is_ended(fd));
    close(fd);
    desk_close(&desk);
    assert_int_equal(1, desk.n_closed);
}

static void a_reader_that_left_ends_its_stream(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, GET("/stream"));
    desk_wait_streams(&desk, 1);
    close(fd);
    desk_wait_closed(&desk, 1);
    desk_close(&desk);
}

static void a_drained_server_finishes_and_takes_no_more(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int held = desk_connect(&desk);
    int idle = desk_connect(&desk);
    desk_write_text(idle, POST_HI("/now"));
    expect(idle, 200, "hi");
    desk_write_text(held, POST_HI("/held"));
    desk_wait_held(&desk, 1);
    server_drain(desk.server);
    server_drain(desk.server);
    /* The letter is taken before this request is: both go through the same loop. */
    desk_release(&desk, 202);
    struct got got = desk_read(held);
    assert_int_equal(202, got.status);
    assert_true(got.is_closing);
    got_done(&got);
    desk_write_text(idle, POST_HI("/now"));
    got = desk_read(idle);
    assert_int_equal(200, got.status);
    assert_true(got.is_closing);
    got_done(&got);
    close(held);
    close(idle);
    desk_close(&desk);
}

static void stops_with_connections_in_every_state(void **state)
{
    static const char *const open_texts[] = {"",
                                             "GET",
                                             GET("/stream"),
                                             POST_HI("/held"),
                                             POST_HI("/now"),
                                             "POST /now HTTP/1.1\r\n" HOST
                                             "Content-Length: 9\r\n\r\nhi"};
    struct desk desk;
    int fds[COUNT(open_texts)];

    (void)state;
    open_desk(&desk);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = desk_connect(&desk);
        desk_write_text(fds[i], open_texts[i]);
    }
    desk_wait_held(&desk, 1);
    desk_wait_streams(&desk, 1);
    desk_close(&desk);
    for (size_t i = 0; i < COUNT(fds); i++) {
        assert_true(desk_is_ended(fds[i]));
        close(fds[i]);
    }
    assert_int_equal(1, desk.n_closed);
    assert_true(desk.n_freed >= 3);
}

static void spoils_an_answer_on_demand(void **state)
{
    static const struct {
        const char *why;
        const char *request;
        const char *want; /* from the length on */
    } cases[] = {
        {"no answer at all", POST_HI("/gone"), ""},
        {"ends inside the body", POST_HI("/cut"), "Content-Length: 10\r\n\r\n012"},
        {"announces too little", POST_HI("/short"),
         "Content-Length: 5\r\n\r\n0123456789"},
    };
    struct desk desk;

    (void)state;
    open_desk(&desk);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        size_t len = 0;
        ssize_t n;
        int fd = desk_connect(&desk);

        desk_write_text(fd, cases[i].request);
        while ((n = read(fd, text + len, sizeof(text) - len)) > 0)
            len += (size_t)n;
        const struct bytes got = bytes_of(text, len);
        if (!bytes_ends(got, bytes_str(cases[i].want)) ||
            (len > 0) != (cases[i].want[0] != '\0'))
            fail_msg("%s: got '%.*s', want …'%s'", cases[i].why, BYTES_FMT(got),
                     cases[i].want);
        close(fd);
    }
    desk_close(&desk);
}

/* As the next program does, but in the same process. */
static int pass_on(void)
{
    struct desk first;
    struct desk second;
    struct server_left left;

    open_desk(&first);
    int idle = desk_connect(&first);
    int half = desk_connect(&first);
    int busy = desk_connect(&first);
    desk_write_text(idle, POST_HI("/now"));
    expect(idle, 200, "hi");
    desk_write_text(half, POST_HI("/now") "POST /no");
    expect(half, 200, "hi");
    desk_write_text(busy, POST_HI("/held"));
    desk_wait_held(&first, 1);
    server_leave(first.server);
    desk_release(&first, 200);
    server_left(first.server, &left);
    struct got got = desk_read(busy);
    if (got.status != 200 || !got.is_closing || !desk_is_ended(busy))
        return 1;
    if (left.n_connections != 1 || left.n_cut != 0)
        return 2;
    int late = desk_connect(&first); /* the kernel takes it */
    desk_write_text(late, POST_HI("/now"));
    desk_write_text(idle, POST_HI("/now"));
    desk_init(&second);
    second.options.listen_fd = &left.listen_fd;
    second.options.connections = left.connections;
    second.options.n_connections = left.n_connections;
    desk_open(&second);
    expect(idle, 200, "hi");
    expect(late, 200, "hi");
    return 0;
}

/* A handler that does not answer before the server has to go. */
static int leave_unanswered(void)
{
    struct desk desk;
    struct server_left left;

    open_desk(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST_HI("/held"));
    desk_wait_held(&desk, 1);
    server_leave(desk.server);
    server_left(desk.server, &left);
    struct got got = desk_read(fd);
    if (got.status != 503 || !got.is_closing || !desk_is_ended(fd))
        return 1;
    return left.n_cut == 1 && left.n_connections == 0 ? 0 : 2;
}

/* In a child, since the server is not freed: it is for a process that execs. So does this
 * one, and whoever looks for leaks finds none. */
static void expect_in_child(int (*leave)(void))
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        int result = leave();

        if (result == 0)
            execl("/bin/true", "true", (char *)NULL);
        _exit(result == 0 ? 127 : result);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

static void a_server_leaves_what_is_idle_to_the_next_and_answers_the_rest(void **state)
{
    (void)state;
    expect_in_child(pass_on);
}

static void a_server_that_leaves_says_503_to_who_has_no_answer_yet(void **state)
{
    (void)state;
    expect_in_child(leave_unanswered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_leaves_what_is_idle_to_the_next_and_answers_the_rest),
        cmocka_unit_test(a_server_that_leaves_says_503_to_who_has_no_answer_yet),
        cmocka_unit_test(keeps_a_connection_for_many_requests),
        cmocka_unit_test(answers_pipelined_requests_in_order),
        cmocka_unit_test(writes_the_head_it_was_given),
        cmocka_unit_test(a_head_request_gets_no_body),
        cmocka_unit_test(shows_peer_path_and_query),
        cmocka_unit_test(a_turn_says_how_many_connections_may_still_bring_a_request),
        cmocka_unit_test(answers_200_suspended_requests_from_another_thread),
        cmocka_unit_test(who_leaves_before_the_answer_leaves_nothing_behind),
        cmocka_unit_test(a_large_body_is_read_beside_a_request_that_waits),
        cmocka_unit_test(asks_for_a_body_only_when_it_wants_it),
        cmocka_unit_test(takes_a_chunked_body_and_closes_after_it),
        cmocka_unit_test(a_stream_arrives_and_ends),
        cmocka_unit_test(a_slow_reader_of_a_stream_is_cut_off),
        cmocka_unit_test(a_reader_that_left_ends_its_stream),
        cmocka_unit_test(a_drained_server_finishes_and_takes_no_more),
        cmocka_unit_test(spoils_an_answer_on_demand),
        cmocka_unit_test(stops_with_connections_in_every_state),
    };

    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
