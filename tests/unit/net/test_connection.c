/* SPDX-License-Identifier: MIT */

/* Clients that are slow, greedy or sly, on a real socket. */

#include "net/connection.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "desk.h"
#include "lib/cm.h"

#define HOST "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"
#define POST_HI(path) "POST " path " HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"
#define POST(fields) "POST /now HTTP/1.1\r\n" fields "\r\n"

enum { QUICK_MS = 100 };

static void open_hasty(struct desk *desk)
{
    desk_init(desk);
    desk->options.deadline_ms = QUICK_MS;
    desk_open(desk);
}

static void says_503_when_nobody_answers_in_time(void **state)
{
    struct desk desk;

    (void)state;
    open_hasty(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST_HI("/held"));
    struct got got = desk_read(fd);
    assert_int_equal(503, got.status);
    assert_string_equal("{\"message\":\"Temporarily unavailable\"}", got.body.ptr);
    assert_non_null(strstr(got.head.ptr, "\r\nRetry-After: 1\r\n"));
    assert_int_equal(0, desk_n_freed(&desk)); /* its handler still has it */
    got_done(&got);
    desk_write_text(fd, POST_HI("/now"));
    desk_release(&desk, 202); /* too late: nobody hears it */
    got = desk_read(fd);
    assert_int_equal(200, got.status);
    got_done(&got);
    close(fd);
    desk_close(&desk);
    assert_int_equal(2, desk.n_freed);
}

static const struct {
    const char *why;
    const char *text;
    int want;
} slow[] = {
    {"nothing is ever sent", "", 0},
    {"half a request line", "POST /no", 0},
    {"a head without end", "POST /now HTTP/1.1\r\nHost: h\r\n", 408},
    {"a body that stops", POST(HOST "Content-Length: 9\r\n") "hi", 408},
    {"a chunk that stops", POST(HOST "Transfer-Encoding: chunked\r\n") "9\r\nhi", 408},
    {"a refused body that stops",
     "POST /early HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nhi", 401},
};

static void slow_senders_are_cut_off(void **state)
{
    struct desk desk;

    (void)state;
    open_hasty(&desk);
    for (size_t i = 0; i < COUNT(slow); i++) {
        int fd = desk_connect(&desk);

        desk_write_text(fd, slow[i].text);
        struct got got = desk_read(fd);
        if (got.status != slow[i].want || !desk_is_ended(fd))
            fail_msg("%s: got %d, want %d", slow[i].why, got.status, slow[i].want);
        got_done(&got);
        close(fd);
    }
    desk_close(&desk);
}

static void a_dribbled_body_does_not_buy_time(void **state)
{
    struct desk desk;

    (void)state;
    open_hasty(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST(HOST "Content-Length: 1000\r\n"));
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    while (poll(&answer, 1, /* timeout: a byte every */ 2) == 0)
        (void)desk_write(fd, BYTES("x"));
    struct got got = desk_read(fd);
    assert_true(got.status == 408 || got.status == 0); /* or a reset took it away */
    got_done(&got);
    assert_int_equal(0, atomic_load(&desk.n_bodies));
    close(fd);
    desk_close(&desk);
}

static void an_idle_connection_is_closed(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk.options.idle_ms = QUICK_MS;
    desk_open(&desk);
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST_HI("/now"));
    struct got got = desk_read(fd);
    assert_int_equal(200, got.status);
    got_done(&got);
    assert_true(desk_is_ended(fd));
    close(fd);
    desk_close(&desk);
}

static const struct {
    const char *why;
    struct bytes text;
    int want; /* 0: only a closed connection */
} sly[] = {
    {"both lengths",
     BYTES(POST(HOST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") "0\r\n\r\n"),
     400},
    {"two lengths", BYTES(POST(HOST "Content-Length: 2\r\nContent-Length: 3\r\n") "hi!"),
     400},
    {"a list of lengths", BYTES(POST(HOST "Content-Length: 2, 2\r\n") "hi"), 400},
    {"a signed length", BYTES(POST(HOST "Content-Length: +2\r\n") "hi"), 400},
    {"a negative length", BYTES(POST(HOST "Content-Length: -2\r\n") "hi"), 400},
    {"a hexadecimal length", BYTES(POST(HOST "Content-Length: 0x2\r\n") "hi"), 400},
    {"a length past 2^64", BYTES(POST(HOST "Content-Length: 99999999999999999999\r\n")),
     413},
    {"a length of 2^63", BYTES(POST(HOST "Content-Length: 9223372036854775808\r\n")),
     413},
    {"a coding we do not know", BYTES(POST(HOST "Transfer-Encoding: gzip\r\n") "hi"),
     501},
    {"chunked twice", BYTES(POST(HOST "Transfer-Encoding: chunked, chunked\r\n")), 501},
    {"chunked in HTTP/1.0",
     BYTES("POST /now HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
    {"a chunk size that is none",
     BYTES(POST(HOST "Transfer-Encoding: chunked\r\n") "zz\r\nhi\r\n0\r\n\r\n"), 400},
    {"bare LF in the request line", BYTES("GET /now HTTP/1.1\nHost: h\r\n\r\n"), 400},
    {"bare LF after a field", BYTES("GET /now HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"), 400},
    {"bare LF at the end", BYTES("GET /now HTTP/1.1\r\nHost: h\r\n\n"), 400},
    {"bare LF everywhere", BYTES("GET /now HTTP/1.1\nHost: h\n\n"), 400},
    {"bare CR in a field", BYTES("GET /now HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400},
    {"a folded field", BYTES("GET /now HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"), 400},
    {"a space before the colon", BYTES("GET /now HTTP/1.1\r\nHost : h\r\n\r\n"), 400},
    {"a field without a colon", BYTES("GET /now HTTP/1.1\r\nHost: h\r\nX\r\n\r\n"), 400},
    {"a field without a name", BYTES("GET /now HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n"), 400},
    {"a NUL in a field", BYTES("GET /now HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"), 400},
    {"a NUL in a name", BYTES("GET /now HTTP/1.1\r\nHost: h\r\nX\0: a\r\n\r\n"), 400},
    {"a NUL in the target", BYTES("GET /n\0ow HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"no host", BYTES("GET /now HTTP/1.1\r\n\r\n"), 400},
    {"two hosts", BYTES("GET /now HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n"), 400},
    {"a space in the target", BYTES("GET /n ow HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"HTTP/2.0", BYTES("GET /now HTTP/2.0\r\nHost: h\r\n\r\n"), 505},
    {"HTTP/1.2", BYTES("GET /now HTTP/1.2\r\nHost: h\r\n\r\n"), 400},
    {"no version", BYTES("GET /now\r\n\r\n"), 400},
    {"noise", BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), 0},
};

static void sly_requests_are_refused_and_end_the_connection(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk_open(&desk);
    for (size_t i = 0; i < COUNT(sly); i++) {
        int fd = desk_connect(&desk);

        (void)desk_write(fd, sly[i].text);
        desk_write_text(fd, GET("/now"));
        struct got got = desk_read(fd);
        if (got.status != sly[i].want)
            fail_msg("%s: got %d, want %d", sly[i].why, got.status, sly[i].want);
        if (!desk_is_ended(fd))
            fail_msg("%s: the connection goes on", sly[i].why);
        got_done(&got);
        close(fd);
    }
    unsigned n_bodies = atomic_load(&desk.n_bodies);
    desk_close(&desk);
    assert_int_equal(0, n_bodies);
}

/* @n times @piece between a head that is fine and its end. */
static int ask_with_many(struct desk *desk, const char *piece, int n)
{
    struct buf text;

    buf_init(&text, 64 << 20);
    buf_add_text(&text, "GET /now HTTP/1.1\r\n" HOST);
    for (int i = 0; i < n; i++)
        buf_add_text(&text, piece);
    buf_add_text(&text, "\r\n");
    int status = desk_ask(desk, buf_bytes(&text));
    buf_done(&text);
    return status;
}

static void heads_have_a_limit(void **state)
{
    struct desk desk;
    char field[(32 << 10) + 16];
    int status;

    (void)state;
    desk_init(&desk);
    desk_open(&desk);
    snprintf(field, sizeof(field), "X: %0*d\r\n", 32 << 10, 1);
    assert_int_equal(200, ask_with_many(&desk, field, 1));
    assert_int_equal(200, ask_with_many(&desk, "A: b\r\n", 60));
    status = ask_with_many(&desk, field, 2);
    assert_true(status == 431 || status == 0);
    status = ask_with_many(&desk, "A: b\r\n", 10000);
    assert_true(status == 431 || status == 0);
    assert_int_equal(200, ask_with_many(&desk, "", 0));
    desk_close(&desk);
}

static int post_sized(struct desk *desk, const char *path, int n_bytes, bool is_chunked)
{
    struct buf text;

    buf_init(&text, 64 << 20);
    buf_addf(&text, "POST %s HTTP/1.1\r\n" HOST, path);
    if (is_chunked)
        buf_addf(&text, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", (unsigned)n_bytes);
    else
        buf_addf(&text, "Content-Length: %d\r\n\r\n", n_bytes);
    for (int i = 0; i < n_bytes; i++)
        buf_add_char(&text, 'x');
    if (is_chunked)
        buf_add_text(&text, "\r\n0\r\n\r\n");
    int status = desk_ask(desk, buf_bytes(&text));
    buf_done(&text);
    return status;
}

static const struct {
    const char *why;
    const char *path;
    int n_bytes;
    bool is_chunked;
    int want;
} sizes[] = {
    {"just fits", "/now", 1024, false, 200},
    {"just fits in chunks", "/now", 1024, true, 200},
    {"one too many", "/now", 1025, false, 413},
    {"one too many in chunks", "/now", 1025, true, 413},
    {"far too many", "/now", 20 << 20, false, 413},
    {"far too many in chunks", "/now", 20 << 20, true, 413},
    {"the limit that head_fn set", "/small", 10, false, 200},
    {"more than head_fn wants", "/small", 11, false, 413},
    {"refused, and large", "/early", 20 << 20, false, 401},
    {"refused, and large, in chunks", "/early", 20 << 20, true, 401},
    {"empty", "/now", 0, false, 200},
};

static void bodies_have_a_limit_and_who_sends_too_much_reads_why(void **state)
{
    struct desk desk;

    (void)state;
    desk_init(&desk);
    desk_open(&desk);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        int got = post_sized(&desk, sizes[i].path, sizes[i].n_bytes, sizes[i].is_chunked);

        if (got != sizes[i].want)
            fail_msg("%s: got %d, want %d", sizes[i].why, got, sizes[i].want);
    }
    desk_close(&desk);
}

static void a_body_without_end_is_cut_off(void **state)
{
    struct desk desk;
    struct buf chunk;
    size_t n_sent = 0;

    (void)state;
    desk_init(&desk);
    desk_open(&desk);
    buf_init(&chunk, 2 << 20);
    buf_add_text(&chunk, "100000\r\n");
    memset(buf_room(&chunk, 1 << 20), 'x', 1 << 20);
    buf_grew(&chunk, 1 << 20);
    buf_add_text(&chunk, "\r\n");
    int fd = desk_connect(&desk);
    desk_write_text(fd, POST(HOST "Transfer-Encoding: chunked\r\n"));
    while (n_sent < 2u * SERVER_DRAIN_BYTES && desk_write(fd, buf_bytes(&chunk)))
        n_sent += chunk.len;
    assert_true(n_sent < 2u * SERVER_DRAIN_BYTES);
    close(fd);
    buf_done(&chunk);
    desk_close(&desk);
}

static void connections_have_a_limit(void **state)
{
    struct desk desk;
    int fds[8];

    (void)state;
    desk_init(&desk);
    desk.options.max_connections_per_address = COUNT(fds);
    desk_open(&desk);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = desk_connect(&desk);
        desk_write_text(fds[i], POST_HI("/held"));
    }
    desk_wait_held(&desk, COUNT(fds));
    assert_int_equal(0, desk_ask(&desk, BYTES(GET("/now"))));
    desk_release(&desk, 202);
    for (size_t i = 0; i < COUNT(fds); i++) {
        struct got got = desk_read(fds[i]);

        assert_int_equal(202, got.status);
        got_done(&got);
        close(fds[i]);
    }
    desk_close(&desk);
}

struct talker {
    int fd;
    atomic_bool is_over;
};

static void *talk(void *arg)
{
    struct talker *talker = arg;

    while (!atomic_load(&talker->is_over))
        (void)send(talker->fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    return NULL;
}

static void connect_pair(int ret_fds[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(0, bind(fd, (struct sockaddr *)&address, len));
    assert_int_equal(0, listen(fd, 1));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address, &len));
    ret_fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(0, connect(ret_fds[0], (struct sockaddr *)&address, len));
    ret_fds[1] = accept(fd, NULL, NULL);
    assert_true(ret_fds[1] >= 0);
    close(fd);
}

/* The kernel is asked twice, and bytes come in between. */
static void what_was_read_is_counted_while_more_comes(void **state)
{
    enum { ROUNDS = 20000 };
    struct talker talker = {0};
    uint64_t n_read = 0;
    char block[64];
    pthread_t thread;
    int fds[2];

    (void)state;
    connect_pair(fds);
    talker.fd = fds[0];
    assert_int_equal(0, pthread_create(&thread, NULL, talk, &talker));
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t got = connection_n_read(fds[1]);

        if (got != n_read)
            fail_msg("round %d: got %llu, want %llu", i, (unsigned long long)got,
                     (unsigned long long)n_read);
        n_read += (uint64_t)read(fds[1], block, sizeof(block));
    }
    atomic_store(&talker.is_over, true);
    pthread_join(thread, NULL);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_503_when_nobody_answers_in_time),
        cmocka_unit_test(slow_senders_are_cut_off),
        cmocka_unit_test(a_dribbled_body_does_not_buy_time),
        cmocka_unit_test(an_idle_connection_is_closed),
        cmocka_unit_test(sly_requests_are_refused_and_end_the_connection),
        cmocka_unit_test(heads_have_a_limit),
        cmocka_unit_test(bodies_have_a_limit_and_who_sends_too_much_reads_why),
        cmocka_unit_test(a_body_without_end_is_cut_off),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(what_was_read_is_counted_while_more_comes),
    };

    return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
