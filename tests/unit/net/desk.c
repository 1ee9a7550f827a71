/* SPDX-License-Identifier: MIT */

#include "desk.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/mailbox.h"

enum { PATIENCE_S = 10 };

struct errand {
    struct list_link link;
    struct server_request *request; /* NULL: go home */
};

static void answer_ok(struct server_request *request)
{
    const struct server_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .headers = {{"X-Test", "yes"}, {"X-Evil", "a\r\nb"}},
        .body = server_body(request)};

    server_answer(request, &answer);
}

static void *answer_errands(void *arg)
{
    struct desk *desk = arg;
    bool at_work = true;

    while (at_work) {
        struct list letters = {0};
        struct list_link *link;

        mailbox_wait(desk->mailbox, -1, &letters);
        while ((link = list_pop(&letters)) != NULL) {
            struct errand *errand = list_entry(link, struct errand, link);

            at_work = errand->request != NULL;
            if (at_work)
                answer_ok(errand->request);
            free(errand);
        }
    }
    return NULL;
}

static void post_errand(struct desk *desk, struct server_request *request)
{
    struct errand *errand = mem_new(struct errand);

    errand->request = request;
    mailbox_force(desk->mailbox, &errand->link);
}

static void hold(struct desk *desk, struct server_request *request)
{
    pthread_mutex_lock(&desk->lock);
    assert(desk->n_held < COUNT(desk->held));
    desk->held[desk->n_held++] = request;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}

static void stream_closed(void *arg)
{
    struct desk *desk = arg;

    pthread_mutex_lock(&desk->lock);
    desk->n_closed++;
    desk->stream = NULL;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}

static void data_freed(void *arg)
{
    struct desk *desk = arg;

    pthread_mutex_lock(&desk->lock);
    desk->n_freed++;
    pthread_mutex_unlock(&desk->lock);
}

static void note(struct desk *desk, struct server_request *request)
{
    pthread_mutex_lock(&desk->lock);
    snprintf(desk->peer, sizeof(desk->peer), "%s %s", server_peer(request),
             server_peer_is_loopback(request) ? "loopback" : "far");
    snprintf(desk->query, sizeof(desk->query), "%.*s",
             BYTES_FMT(server_query(request, "q")));
    snprintf(desk->path, sizeof(desk->path), "%.*s", BYTES_FMT(server_path(request)));
    pthread_mutex_unlock(&desk->lock);
}

static void on_head(struct server_request *request, void *arg)
{
    static const char *const known[] = {"/now", "/small", "/later", "/held", "/stream",
                                        "/a b", "/gone",  "/cut",   "/short"};
    const struct bytes path = server_path(request);

    note(arg, request);
    server_set_data(request, arg, data_freed);
    if (bytes_eq(path, BYTES("/small")))
        server_limit_body(request, 10);
    for (size_t i = 0; i < COUNT(known); i++) {
        if (bytes_eq(path, bytes_str(known[i])))
            return;
    }
    if (bytes_eq(path, BYTES("/early")))
        server_answer_message(request, 401, "API key is missing or invalid");
    else
        server_answer_message(request, 404, "Not found");
}

static bool answer_spoiled(struct server_request *request)
{
    static const struct {
        const char *path;
        enum server_spoil spoil;
    } spoils[] = {
        {"/gone", SERVER_HANG_UP}, {"/cut", SERVER_CUT}, {"/short", SERVER_SHORT_LENGTH}};

    for (size_t i = 0; i < COUNT(spoils); i++) {
        const struct server_answer answer = {.status = 200,
                                             .body = BYTES("0123456789"),
                                             .spoil = spoils[i].spoil,
                                             .cut_after = 3};

        if (!bytes_eq(server_path(request), bytes_str(spoils[i].path)))
            continue;
        server_answer(request, &answer);
        return true;
    }
    return false;
}

static void open_stream(struct desk *desk, struct server_request *request)
{
    pthread_mutex_lock(&desk->lock);
    desk->stream =
        server_stream_start(request, "text/event-stream", 64 << 10, stream_closed, desk);
    desk->n_streams++;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}

static void on_body(struct server_request *request, void *arg)
{
    struct desk *desk = arg;
    const struct bytes path = server_path(request);

    assert(server_data(request) == desk);
    atomic_fetch_add(&desk->n_bodies, 1);
    if (bytes_eq(path, BYTES("/later")))
        post_errand(desk, request);
    else if (bytes_eq(path, BYTES("/held")))
        hold(desk, request);
    else if (bytes_eq(path, BYTES("/stream")))
        open_stream(desk, request);
    else if (!answer_spoiled(request))
        answer_ok(request);
}

static void on_turn(void *arg, size_t n_free)
{
    struct desk *desk = arg;

    atomic_fetch_add(&desk->n_turns, 1);
    pthread_mutex_lock(&desk->lock);
    desk->n_free = n_free;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
}

void desk_init(struct desk *desk)
{
    *desk = (struct desk){.options = {.host = "127.0.0.1",
                                      .header_bytes = 40 << 10,
                                      .body_bytes = 1 << 10,
                                      .max_connections = 1000,
                                      .deadline_ms = 60 * 1000,
                                      .idle_ms = 60 * 1000,
                                      .head_fn = on_head,
                                      .body_fn = on_body,
                                      .turn_fn = on_turn}};
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
}

void desk_open(struct desk *desk)
{
    struct err err = {0};

    desk->options.arg = desk;
    desk->mailbox = mailbox_new(1);
    if (server_start(&desk->options, &desk->server, &err) < 0) {
        fprintf(stderr, "server_start: %s\n", err.text);
        abort();
    }
    int r = pthread_create(&desk->thread, NULL, answer_errands, desk);
    assert(r == 0);
}

void desk_close(struct desk *desk)
{
    post_errand(desk, NULL);
    pthread_join(desk->thread, NULL);
    server_stop(desk->server);
    mailbox_free(desk->mailbox);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->lock);
}

void desk_noted(struct desk *desk, char ret_text[DESK_NOTE_LEN])
{
    pthread_mutex_lock(&desk->lock);
    snprintf(ret_text, DESK_NOTE_LEN, "%s %s %s", desk->peer, desk->path, desk->query);
    pthread_mutex_unlock(&desk->lock);
}

unsigned desk_n_freed(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    unsigned n_freed = desk->n_freed;
    pthread_mutex_unlock(&desk->lock);
    return n_freed;
}

bool desk_send_stream(struct desk *desk, struct bytes bytes)
{
    pthread_mutex_lock(&desk->lock);
    bool is_open = desk->stream != NULL && server_stream_send(desk->stream, bytes);
    pthread_mutex_unlock(&desk->lock);
    return is_open;
}

static void wait_for(struct desk *desk, const unsigned *count, unsigned wanted)
{
    pthread_mutex_lock(&desk->lock);
    while (*count < wanted)
        pthread_cond_wait(&desk->changed, &desk->lock);
    pthread_mutex_unlock(&desk->lock);
}

void desk_wait_held(struct desk *desk, unsigned n_held)
{
    wait_for(desk, &desk->n_held, n_held);
}

void desk_wait_streams(struct desk *desk, unsigned n_streams)
{
    wait_for(desk, &desk->n_streams, n_streams);
}

void desk_wait_free(struct desk *desk, size_t n_free)
{
    pthread_mutex_lock(&desk->lock);
    while (desk->n_free != n_free)
        pthread_cond_wait(&desk->changed, &desk->lock);
    pthread_mutex_unlock(&desk->lock);
}

void desk_wait_closed(struct desk *desk, unsigned n_closed)
{
    wait_for(desk, &desk->n_closed, n_closed);
}

void desk_release(struct desk *desk, int status)
{
    pthread_mutex_lock(&desk->lock);
    while (desk->n_held > 0)
        server_answer_message(desk->held[--desk->n_held], status, "Released");
    pthread_mutex_unlock(&desk->lock);
}

int desk_connect(const struct desk *desk)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port =
                                            htons((uint16_t)server_port(desk->server)),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    int r = connect(fd, (const struct sockaddr *)&address, sizeof(address));
    assert(r == 0);
    return fd;
}

bool desk_write(int fd, struct bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        bytes = bytes_slice(bytes, (size_t)n, bytes.len);
    }
    return true;
}

void desk_write_text(int fd, const char *text)
{
    (void)desk_write(fd, bytes_str(text));
}

/* One byte at a time, so that a following answer stays in the socket. */
static bool read_head(int fd, struct buf *head)
{
    char c;

    while (!bytes_ends(buf_bytes(head), BYTES("\r\n\r\n"))) {
        if (recv(fd, &c, 1, 0) != 1)
            return false;
        buf_add_char(head, c);
    }
    return true;
}

static int64_t length_of(struct bytes head)
{
    static const char name[] = "Content-Length: ";
    int64_t length = 0;
    size_t at = bytes_find(head, bytes_str(name));
    struct bytes rest = bytes_slice(head, at + sizeof(name) - 1, head.len);

    if (!bytes_to_i64(bytes_take_until(&rest, '\r'), &length))
        return 0;
    return length;
}

struct got desk_read(int fd)
{
    struct got got = {0};
    int64_t status = 0;

    buf_init(&got.head, 1 << 20);
    buf_init(&got.body, 1 << 20);
    if (!read_head(fd, &got.head))
        return got;
    if (!bytes_to_i64(bytes_slice(buf_bytes(&got.head), sizeof("HTTP/1.1"), 3), &status))
        return got;
    got.status = (int)status;
    got.is_closing = strcasestr(got.head.ptr, "Connection: close") != NULL;
    int64_t left = length_of(buf_bytes(&got.head));
    while (left-- > 0) {
        char c;

        if (recv(fd, &c, 1, 0) != 1)
            break;
        buf_add_char(&got.body, c);
    }
    return got;
}

int desk_ask(const struct desk *desk, struct bytes text)
{
    int fd = desk_connect(desk);

    (void)desk_write(fd, text);
    struct got got = desk_read(fd);
    got_done(&got);
    close(fd);
    return got.status;
}

bool desk_is_ended(int fd)
{
    char junk[4096];
    ssize_t n;

    do {
        n = recv(fd, junk, sizeof(junk), 0);
    } while (n > 0);
    return n == 0 || errno == ECONNRESET;
}

void got_done(struct got *got)
{
    buf_done(&got->head);
    buf_done(&got->body);
}
