/* SPDX-License-Identifier: MIT */

/* Requests over which libmicrohttpd loses sight of a connection, or its patience. */

#include <sys/socket.h>
#include <unistd.h>

#include "desk.h"
#include "lib/cm.h"
#include "net/server.h"

#define HOST "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"
#define POST_HI(path) "POST " path " HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"
#define CHUNKED(path)                                                                    \
    "POST " path " HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"

static void expect_hi(int fd)
{
    struct got got = desk_read(fd);

    assert_int_equal(200, got.status);
    assert_string_equal("hi", buf_text(&got.body));
    got_done(&got);
}

static void open_desk(struct desk *desk)
{
    desk_init(desk);
    desk_open(desk);
}

/* @before, so many of @piece, @after. */
static struct buf repeated(const char *before, const char *piece, size_t n,
                           const char *after)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    buf_add_text(&text, before);
    for (size_t i = 0; i < n; i++)
        buf_add_text(&text, piece);
    buf_add_text(&text, after);
    assert_false(text.full);
    return text;
}

/* libmicrohttpd has a record for each, and forgets the connection when there is no room:
 * it is neither read nor closed. */
static void a_query_has_512_parameters_at_most(void **state)
{
    static const struct {
        size_t n_more;
        int want;
    } cases[] = {{0, 200},   {1, 200},   {100, 200}, {511, 200},  {512, 431},
                 {700, 431}, {750, 431}, {800, 431}, {1000, 431}, {19000, 431}};
    struct desk desk;

    (void)state;
    open_desk(&desk);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text =
            repeated("GET /now?p=1", "&a", cases[i].n_more, " HTTP/1.1\r\n" HOST "\r\n");
        int status = desk_ask(&desk, buf_bytes(&text));

        if (status != cases[i].want)
            fail_msg("%zu more parameters: got %d, want %d", cases[i].n_more, status,
                     cases[i].want);
        buf_done(&text);
    }
    desk_close(&desk);
}

/* What libmicrohttpd refuses twice it gives up without a word to us. */
static void a_request_that_is_wrong_in_two_ways_is_done_with(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    struct buf text = repeated("POST /now HTTP/1.1\r\n" HOST "Cookie: ", "a", 30000,
                               "\r\nContent-Length: x\r\n\r\n");
    int fd = desk_connect(&desk);
    (void)desk_write(fd, buf_bytes(&text));
    assert_true(desk_is_ended(fd));
    close(fd);
    assert_int_equal(0, server_n_open(desk.server));
    assert_int_equal(200, desk_ask(&desk, BYTES(POST_HI("/now"))));
    buf_done(&text);
    desk_close(&desk);
}

/* A chunk whose line does not end, behind a head with such a cookie. */
static struct buf with_cookie(size_t len)
{
    struct buf text =
        repeated("POST /now HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nX: ", "a",
                 30000, "\r\nCookie: ");

    for (size_t i = 0; i < len; i++)
        buf_add_char(&text, 'a');
    buf_add_text(&text, "\r\n\r\n400\r\n");
    for (size_t i = 0; i < 1024; i++)
        buf_add_char(&text, 'b');
    buf_add_text(&text, "\r\n1;");
    for (size_t i = 0; i < 9000; i++)
        buf_add_char(&text, 'a');
    return text;
}

/* It would wait for it, busily, until the deadline. */
static void a_head_that_leaves_no_memory_for_a_body_is_refused(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    struct buf text = with_cookie(9100);
    assert_int_equal(431, desk_ask(&desk, buf_bytes(&text)));
    buf_done(&text);
    desk_close(&desk);
}

/* libmicrohttpd keeps it until its end comes, and looks at all of it in each turn. */
static void a_chunk_whose_line_does_not_end_is_refused(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int honest = desk_connect(&desk);
    desk_write_text(honest, CHUNKED("/now") "1;name=value\r\nh\r\n");
    struct buf text = repeated(CHUNKED("/now") "1;", "a", 60000, "");
    assert_int_equal(400, desk_ask(&desk, buf_bytes(&text)));
    assert_int_equal(400, desk_ask(&desk, buf_bytes(&text)));
    buf_done(&text);
    text = repeated(CHUNKED("/nowhere") "1\r\nh\r\n1;", "a", 60000, "");
    assert_int_equal(404, desk_ask(&desk, buf_bytes(&text)));
    buf_done(&text);
    text = with_cookie(8600); /* a copy of which leaves it some 1500 bytes */
    assert_int_equal(400, desk_ask(&desk, buf_bytes(&text)));
    buf_done(&text);
    desk_write_text(honest, "1\r\ni\r\n0\r\n\r\n");
    expect_hi(honest);
    close(honest);
    desk_close(&desk);
}

/* A NUL in the target hides the query from us, and not from libmicrohttpd. */
static void whom_libmicrohttpd_forgets_the_deadline_ends(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk.options.deadline_ms = 200;
    desk_open(&desk);
    int older = desk_connect(&desk);
    desk_write_text(older, POST_HI("/now"));
    expect_hi(older);
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_add(&text, BYTES("GET /now\0?"));
    for (size_t i = 0; i < 19000; i++)
        buf_add(&text, BYTES("&a"));
    buf_add(&text, BYTES(" HTTP/1.1\r\n" HOST "\r\n"));
    int fd = desk_connect(&desk);
    (void)desk_write(fd, buf_bytes(&text));
    assert_true(desk_is_ended(fd));
    close(fd);
    while (server_n_open(desk.server) > 0)
        assert_int_equal(200, desk_ask(&desk, BYTES(POST_HI("/now"))));
    buf_done(&text);
    close(older);
    desk_close(&desk);
}

static void a_stream_that_is_cut_ends_beside_an_older_connection(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk);
    int older = desk_connect(&desk);
    desk_write_text(older, POST_HI("/now"));
    expect_hi(older);
    int fd = desk_connect(&desk);
    desk_write_text(fd, GET("/stream"));
    desk_wait_streams(&desk, 1);
    struct got got = desk_read(fd);
    assert_int_equal(200, got.status);
    got_done(&got);
    pthread_mutex_lock(&desk.lock);
    server_stream_cut(desk.stream);
    desk.stream = NULL;
    pthread_mutex_unlock(&desk.lock);
    assert_true(desk_is_ended(fd));
    close(fd);
    close(older);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_has_512_parameters_at_most),
        cmocka_unit_test(a_request_that_is_wrong_in_two_ways_is_done_with),
        cmocka_unit_test(a_chunk_whose_line_does_not_end_is_refused),
        cmocka_unit_test(a_head_that_leaves_no_memory_for_a_body_is_refused),
        cmocka_unit_test(whom_libmicrohttpd_forgets_the_deadline_ends),
        cmocka_unit_test(a_stream_that_is_cut_ends_beside_an_older_connection),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
