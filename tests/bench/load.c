/* SPDX-License-Identifier: MIT */

/*
 * load - a closed loop of HTTP posts over N kept-alive connections, in one thread.
 *
 *     load PORT PATH CONNECTIONS SECONDS[@RATE]|Nn [BYTES|BYTESxBATCH|BYTES[BATCH]]
 *          [NAME:VALUE header | sign=SECRET | tamper=N | event=FILE]…
 *
 * Every connection sends its next request when it has the whole answer to the last one,
 * for so many seconds, or ("5000n") until so many requests have been answered. With a
 * rate ("10@2000") it also waits until its turn comes: so many requests a second, all
 * connections together, made up for when the server was late. post.h
 * says what is sent. Prints one JSON object: answers by class, requests per second, what
 * was tampered with and how much of that was refused, "wrong" when anything else was
 * refused or a tampered one was not, and the latency in microseconds.
 *
 * A server that is late is asked less here; openloop does not forgive that.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "post.h"

enum {
    MAX_CONNECTIONS = 4096,
    ANSWER_BYTES = 16384,
};

struct connection {
    int fd;
    struct connection *next_idle;
    int64_t sent_at_us;
    size_t sent, to_send; /* of the request */
    size_t received;      /* of the answer */
    bool is_tampered;     /* it has to be refused */
    char *request;        /* post_bytes() */
    char answer[ANSWER_BYTES];
};

static struct {
    int port;
    int n_connections;
    int64_t duration_us;
    uint64_t n_requests; /* 0: as long as duration_us says */
    double per_s;        /* 0: as many as there are answers */
    struct post post;
} options;

static struct {
    uint64_t answers[6]; /* by hundreds of the status */
    uint64_t n_broken;
    uint64_t n_tampered, n_refused, n_wrong;
    struct histogram latency;
    uint64_t n_sent;
} results;

static int poller = -1;
static struct connection *idle; /* whose turn has not come, a list */
static int64_t began_us;

static int64_t now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static bool is_enough(void)
{
    return options.n_requests > 0 && results.n_sent == options.n_requests;
}

static bool is_too_early(void)
{
    return options.per_s > 0 &&
           (double)results.n_sent >= (double)(now_us() - began_us) / 1e6 * options.per_s;
}

static void write_request(struct connection *connection)
{
    uint64_t number = results.n_sent * (uint64_t)options.post.n_events;

    connection->to_send = post_write(&options.post, number, connection->request);
    connection->is_tampered = post_is_tampered(&options.post, number);
    connection->sent = 0;
    connection->received = 0;
    connection->sent_at_us = now_us();
    results.n_sent++;
}

static int watch(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    return epoll_ctl(poller, operation, connection->fd, &event);
}

static bool flush_request(struct connection *connection)
{
    while (connection->sent < connection->to_send) {
        ssize_t n = write(connection->fd, connection->request + connection->sent,
                          connection->to_send - connection->sent);

        if (n < 0 && errno == EAGAIN)
            return watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT) == 0;
        if (n <= 0)
            return false;
        connection->sent += (size_t)n;
    }
    return true;
}

static bool connection_open(struct connection *connection)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options.port)};
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return false;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    /* Blocking while connecting, so that all are there before the clock starts. */
    if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0)
        return false;
    write_request(connection);
    return watch(connection, EPOLL_CTL_ADD, EPOLLIN) == 0 && flush_request(connection);
}

static void count_answer(const struct connection *connection)
{
    int hundreds = connection->answer[9] - '0';

    bool is_refused = strncmp(connection->answer + 9, "401", 3) == 0;

    results.answers[hundreds >= 1 && hundreds <= 5 ? hundreds : 0]++;
    results.n_tampered += connection->is_tampered;
    results.n_refused += is_refused;
    results.n_wrong += is_refused != connection->is_tampered;
    histogram_add(&results.latency, now_us() - connection->sent_at_us);
}

/* False when the connection is of no use any more. */
static bool connection_read(struct connection *connection)
{
    ssize_t n = read(connection->fd, connection->answer + connection->received,
                     ANSWER_BYTES - 1 - connection->received);

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0)
        return false;
    connection->received += (size_t)n;
    connection->answer[connection->received] = '\0';
    if (post_message_length(connection->answer, connection->received, NULL) == 0)
        return connection->received < ANSWER_BYTES - 1;
    count_answer(connection);
    if (is_enough())
        return true;
    if (is_too_early()) {
        connection->next_idle = idle;
        idle = connection;
        return true;
    }
    write_request(connection);
    return flush_request(connection);
}

static void serve_event(const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;
    bool ok = true;

    if ((event->events & EPOLLOUT) != 0)
        ok =
            flush_request(connection) && (connection->sent < connection->to_send ||
                                          watch(connection, EPOLL_CTL_MOD, EPOLLIN) == 0);
    if (ok && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        ok = connection_read(connection);
    if (ok)
        return;
    results.n_broken++;
    close(connection->fd);
    if (!is_enough() && !connection_open(connection)) {
        perror("load: connect");
        exit(1);
    }
}

/* Those whose turn has come. */
static void wake_idle(void)
{
    while (idle != NULL && !is_too_early()) {
        struct connection *connection = idle;

        idle = connection->next_idle;
        write_request(connection);
        if (!flush_request(connection)) {
            fprintf(stderr, "load: the server hung up\n");
            exit(1);
        }
    }
}

static uint64_t n_answered(void)
{
    uint64_t sum = results.n_broken;

    for (size_t i = 0; i < 6; i++)
        sum += results.answers[i];
    return sum;
}

static bool has_ended(int64_t end_us)
{
    return options.n_requests > 0 ? n_answered() >= options.n_requests
                                  : now_us() >= end_us;
}

static void run(void)
{
    struct connection *connections =
        calloc((size_t)options.n_connections, sizeof(*connections));
    int64_t end_us;

    poller = epoll_create1(EPOLL_CLOEXEC);
    if (connections == NULL || poller < 0) {
        perror("load");
        exit(1);
    }
    for (int i = 0; i < options.n_connections && !is_enough(); i++) {
        connections[i].request = malloc(post_bytes(&options.post));
        if (connections[i].request == NULL || !connection_open(&connections[i])) {
            perror("load: connect");
            exit(1);
        }
    }
    end_us = now_us() + options.duration_us;
    while (!has_ended(end_us)) {
        struct epoll_event events[256];
        int n = epoll_wait(poller, events, 256, options.per_s > 0 ? 1 : 100);

        for (int i = 0; i < n; i++)
            serve_event(&events[i]);
        wake_idle();
    }
    for (int i = 0; i < options.n_connections; i++) {
        if (connections[i].request != NULL)
            close(connections[i].fd);
        free(connections[i].request);
    }
    free(connections);
}

/* "2.5" seconds, "2.5@2000" of them with so many requests each, or "5000n" requests. */
static void read_extent(const char *text)
{
    char *rest;
    double number = strtod(text, &rest);

    if (*rest == '@')
        options.per_s = strtod(rest + 1, NULL);
    if (*rest == 'n')
        options.n_requests = (uint64_t)number;
    options.duration_us = (int64_t)(number * 1e6);
}

static void print_results(void)
{
    printf("{\"ok\":%" PRIu64 ",\"client_errors\":%" PRIu64 ",\"server_errors\":%" PRIu64
           ",\"broken\":%" PRIu64 ",\"tampered\":%" PRIu64 ",\"refused\":%" PRIu64
           ",\"wrong\":%" PRIu64 ",\"per_s\":%.0f,\"p50_us\":%" PRId64
           ",\"p99_us\":%" PRId64 ",\"p999_us\":%" PRId64 ",\"latency\":",
           results.answers[2], results.answers[4], results.answers[5], results.n_broken,
           results.n_tampered, results.n_refused, results.n_wrong,
           (double)results.answers[2] * 1e6 / (double)(now_us() - began_us),
           histogram_at(&results.latency, 0.5), histogram_at(&results.latency, 0.99),
           histogram_at(&results.latency, 0.999));
    histogram_print(&results.latency, stdout);
    puts("}");
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(
            stderr,
            "load PORT PATH CONNECTIONS SECONDS[@RATE]|Nn [BYTES[xBATCH]] [HEADER…]\n");
        return 2;
    }
    options.port = (int)strtol(argv[1], NULL, 10);
    options.post.path = argv[2];
    options.n_connections = (int)strtol(argv[3], NULL, 10);
    read_extent(argv[4]);
    if (options.n_connections < 1 || options.n_connections > MAX_CONNECTIONS ||
        !post_read_size(&options.post, argc > 5 ? argv[5] : "1024"))
        return 2;
    for (int i = 6; i < argc; i++) {
        if (!post_add(&options.post, argv[i]))
            return 2;
    }
    began_us = now_us();
    run();
    print_results();
    post_done(&options.post);
    return 0;
}
