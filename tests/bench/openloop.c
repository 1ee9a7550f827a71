/* SPDX-License-Identifier: MIT */

/*
 * openloop - events at a given rate whatever the server does, and the endpoint to which
 * it delivers them, in one thread and on one clock.
 *
 *     openloop PORT PATH BYTES [sink=PORT=BEHAVIOUR | NAME:VALUE header | sign=…]…
 *
 * Takes commands from standard input, a line each, and answers each with a line of JSON:
 *
 *     RATE SECONDS CONNECTIONS     one step: events due at RATE a second, evenly; then
 * waits for answers and deliveries (sink.h, ledger.h) PORT=BEHAVIOUR another behaviour of
 * an endpoint: {}
 *
 * An event that finds no free connection waits for one, and its time runs. What has not
 * been sent GRACE after the step's end is "unsent". A step is over when each accepted
 * event has been delivered (those for healthy endpoints), or nothing has happened for
 * QUIET.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "post.h"
#include "sink.h"

enum {
    MAX_CONNECTIONS = 4096,
    MAX_EVENTS = 20000000, /* of a step */
    ANSWER_BYTES = 16384,
    GRACE_US = 2000000,
    QUIET_US = 5000000,
    MAX_DRAIN_US = 120000000,
    CONNECTION = 3, /* what a source is; sink.c has 1 and 2 */
    TIMER,
};

struct connection {
    int source; /* first, see sink.h */
    int fd;
    struct connection *next_idle;
    uint64_t number;
    bool is_busy;
    size_t sent, to_send, received;
    char *request;
    char answer[ANSWER_BYTES];
};

static struct {
    int poller, timer, port;
    struct post post;
    struct sink *sink;
    struct ledger ledger;
    uint64_t next_number;
    struct connection connections[MAX_CONNECTIONS];
    size_t n_connections;
    struct connection *idle_first, *idle_last; /* in turn, so that all are used */
    uint64_t n_due, n_started;                 /* of the step */
    int64_t last_event_us;                     /* something happened */
} loop;

static int64_t now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void on_arrived(void *arg, const char *body, size_t len, bool is_taken)
{
    uint64_t number;

    (void)arg;
    loop.last_event_us = now_us();
    if (post_number(body, len, &number))
        ledger_arrived(&loop.ledger, number, is_taken, loop.last_event_us);
    else
        loop.ledger.n_strange++;
}

static void watch(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    if (epoll_ctl(loop.poller, operation, connection->fd, &event) != 0)
        fail("openloop: epoll");
}

static void be_idle(struct connection *connection)
{
    connection->is_busy = false;
    connection->next_idle = NULL;
    if (loop.idle_last != NULL)
        loop.idle_last->next_idle = connection;
    else
        loop.idle_first = connection;
    loop.idle_last = connection;
}

/* Blocking while connecting: this machine's own server answers that or is not there. */
static void connection_open(struct connection *connection)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)loop.port)};
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->source = CONNECTION;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        fail("openloop: connect");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0)
        fail("openloop: fcntl");
    watch(connection, EPOLL_CTL_ADD, EPOLLIN);
    be_idle(connection);
}

/* The answer is here, or will never come. */
static void settle(struct connection *connection, int status)
{
    loop.last_event_us = now_us();
    if (connection->is_busy)
        ledger_answered(&loop.ledger, connection->number, status, loop.last_event_us);
    if (status > 0)
        be_idle(connection);
}

static void unlink_idle(const struct connection *connection)
{
    struct connection *before = NULL;
    struct connection *one = loop.idle_first;

    for (; one != NULL && one != connection; one = one->next_idle)
        before = one;
    if (one == NULL)
        return;
    if (before == NULL)
        loop.idle_first = one->next_idle;
    else
        before->next_idle = one->next_idle;
    if (loop.idle_last == one)
        loop.idle_last = before;
}

static void renew(struct connection *connection)
{
    if (connection->is_busy)
        settle(connection, 0);
    else
        unlink_idle(connection);
    close(connection->fd);
    connection_open(connection);
}

static bool flush_request(struct connection *connection)
{
    while (connection->sent < connection->to_send) {
        ssize_t n = send(connection->fd, connection->request + connection->sent,
                         connection->to_send - connection->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN) {
            watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return true;
        }
        if (n <= 0)
            return false;
        connection->sent += (size_t)n;
    }
    return true;
}

static bool connection_read(struct connection *connection)
{
    ssize_t n = read(connection->fd, connection->answer + connection->received,
                     ANSWER_BYTES - 1 - connection->received);

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0 || !connection->is_busy)
        return false;
    connection->received += (size_t)n;
    connection->answer[connection->received] = '\0';
    if (post_message_length(connection->answer, connection->received, NULL) > 0)
        settle(connection, (int)strtol(connection->answer + 9, NULL, 10));
    return connection->received < ANSWER_BYTES - 1;
}

static void serve_connection(struct connection *connection, uint32_t events)
{
    bool ok = true;

    if ((events & EPOLLOUT) != 0) {
        watch(connection, EPOLL_CTL_MOD, EPOLLIN);
        ok = flush_request(connection);
    }
    if (ok && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        ok = connection_read(connection);
    if (!ok)
        renew(connection);
}

static void serve(const struct epoll_event *event)
{
    void *source = event->data.ptr;
    uint64_t n_expired;

    if (sink_serve(loop.sink, source, event->events))
        return;
    if (*(int *)source == CONNECTION)
        serve_connection(source, event->events);
    else if (read(loop.timer, &n_expired, sizeof(n_expired)) < 0 && errno != EAGAIN)
        fail("openloop: timer");
}

static void wake_at(int64_t at_us)
{
    static int64_t set_us;
    struct itimerspec time = {
        .it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};

    if (at_us == set_us || at_us == INT64_MAX)
        return;
    set_us = at_us;
    timerfd_settime(loop.timer, TFD_TIMER_ABSTIME, &time, NULL);
}

/* One turn of the loop; wakes at @next_us at the latest. */
static void turn(int64_t next_us)
{
    struct epoll_event events[256];
    int64_t answer_us = sink_answer_due(loop.sink, now_us());

    wake_at(answer_us < next_us ? answer_us : next_us);
    int n = epoll_wait(loop.poller, events, 256, 100);
    for (int i = 0; i < n; i++)
        serve(&events[i]);
}

static void start_request(struct connection *connection)
{
    connection->number = loop.ledger.first + loop.n_started++;
    connection->is_busy = true;
    connection->to_send = post_write(&loop.post, connection->number, connection->request);
    connection->sent = 0;
    connection->received = 0;
    if (!flush_request(connection))
        renew(connection);
}

static void start_due(void)
{
    while (loop.n_started < loop.n_due && loop.idle_first != NULL) {
        struct connection *connection = loop.idle_first;

        loop.idle_first = connection->next_idle;
        if (loop.idle_first == NULL)
            loop.idle_last = NULL;
        start_request(connection);
    }
}

static void send_step(double per_s, int64_t began_us, int64_t end_us)
{
    uint64_t n = loop.ledger.capacity;

    while (loop.n_started < n) {
        int64_t now = now_us();
        int64_t next_us;

        if (now > end_us + GRACE_US)
            break;
        for (;;) {
            next_us = began_us + (int64_t)((double)loop.n_due * 1e6 / per_s);
            if (loop.n_due == n || next_us > now)
                break;
            uint64_t lane = (loop.ledger.first + loop.n_due) % loop.post.n_lanes;
            ledger_due(&loop.ledger, next_us, sink_kind(loop.sink, lane));
            loop.n_due++;
        }
        start_due();
        turn(loop.n_due == n ? now + 100000 : next_us);
    }
    for (uint64_t i = loop.n_started; i < loop.n_due; i++)
        ledger_unsent(&loop.ledger, loop.ledger.first + i, now_us());
}

static bool is_complete(void)
{
    const struct ledger *ledger = &loop.ledger;

    return ledger->n_ok + ledger->n_refused + ledger->n_broken == loop.n_started &&
           (ledger->n_waiting == 0 || sink_n_ports(loop.sink) == 0);
}

static void drain(void)
{
    int64_t end_us = now_us() + MAX_DRAIN_US;

    loop.last_event_us = now_us();
    while (!is_complete() && now_us() < end_us &&
           now_us() - loop.last_event_us < QUIET_US)
        turn(now_us() + 100000);
}

static void hold_connections(size_t n)
{
    for (; loop.n_connections < n; loop.n_connections++) {
        struct connection *connection = &loop.connections[loop.n_connections];

        connection->request = malloc(post_bytes(&loop.post));
        if (connection->request == NULL)
            fail("openloop");
        connection_open(connection);
    }
    for (; loop.n_connections > n; loop.n_connections--) {
        struct connection *connection = &loop.connections[loop.n_connections - 1];

        if (connection->is_busy)
            settle(connection, 0);
        else
            unlink_idle(connection);
        close(connection->fd);
        free(connection->request);
        connection->request = NULL;
    }
}

static void print_step(double per_s, double seconds, int64_t began_us)
{
    const struct ledger *ledger = &loop.ledger;
    double answering_s = (double)(ledger->last_answer_us - began_us) / 1e6;
    double taking_s = (double)(ledger->last_taken_us - began_us) / 1e6;
    uint64_t n_taken = 0;

    for (size_t i = 0; i < LEDGER_KINDS; i++)
        n_taken += ledger->arrivals[i].n_taken;
    printf("{\"rate\":%.0f,\"seconds\":%.3f,\"connections\":%zu,\"answered_per_s\":%.1f,"
           "\"delivered_per_s\":%.1f,",
           per_s, seconds, loop.n_connections,
           answering_s > 0 ? (double)ledger->n_ok / answering_s : 0,
           taking_s > 0 ? (double)n_taken / taking_s : 0);
    ledger_print(ledger, stdout);
    puts("}");
}

static void run_step(double per_s, double seconds, size_t n_connections)
{
    uint64_t n = (uint64_t)(per_s * seconds);

    if (n < 1 || n > MAX_EVENTS || n_connections < 1 || n_connections > MAX_CONNECTIONS ||
        !ledger_open(&loop.ledger, loop.next_number, n)) {
        fprintf(stderr, "openloop: not a step: %g %g %zu\n", per_s, seconds,
                n_connections);
        exit(2);
    }
    loop.next_number += n;
    loop.n_due = 0;
    loop.n_started = 0;
    hold_connections(n_connections);
    int64_t began_us = now_us();
    send_step(per_s, began_us, began_us + (int64_t)(seconds * 1e6));
    drain();
    ledger_close(&loop.ledger);
    print_step(per_s, seconds, began_us);
    ledger_done(&loop.ledger);
}

/* False: no such command. */
static bool obey(char *line)
{
    char *rest;

    line[strcspn(line, "\n")] = '\0';
    if (strchr(line, '=') != NULL) {
        puts("{}");
        return sink_set(loop.sink, line);
    }
    double per_s = strtod(line, &rest);
    double seconds = strtod(rest, &rest);
    run_step(per_s, seconds, strtoul(rest, NULL, 10));
    return true;
}

/* The endpoint answers while there is no command. */
static void serve_commands(void)
{
    char line[256];
    size_t len = 0;

    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    for (;;) {
        ssize_t n = read(STDIN_FILENO, line + len, 1);

        if (n == 0)
            return;
        if (n < 0) {
            turn(now_us() + 10000);
        } else if (line[len++] == '\n') {
            line[len] = '\0';
            if (!obey(line))
                exit(2);
            fflush(stdout);
            len = 0;
        } else if (len == sizeof(line) - 1) {
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    static int timer_source = TIMER;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &timer_source};

    loop.poller = epoll_create1(EPOLL_CLOEXEC);
    loop.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop.poller < 0 || loop.timer < 0 ||
        epoll_ctl(loop.poller, EPOLL_CTL_ADD, loop.timer, &event) != 0)
        fail("openloop");
    loop.sink = sink_new(loop.poller, on_arrived, NULL);
    if (argc < 4 || !post_read_size(&loop.post, argv[3])) {
        fprintf(stderr,
                "openloop PORT PATH BYTES [sink=PORT=BEHAVIOUR|HEADER|sign=…]…\n");
        return 2;
    }
    loop.port = (int)strtol(argv[1], NULL, 10);
    loop.post.path = argv[2];
    for (int i = 4; i < argc; i++) {
        bool ok = strncmp(argv[i], "sink=", 5) == 0 ? sink_set(loop.sink, argv[i] + 5)
                                                    : post_add(&loop.post, argv[i]);
        if (!ok)
            return 2;
    }
    loop.post.n_lanes =
        sink_n_ports(loop.sink) > 0 && strstr(loop.post.path, "{}") != NULL
            ? sink_n_ports(loop.sink)
            : 1;
    puts("{}");
    fflush(stdout);
    serve_commands();
    hold_connections(0);
    sink_free(loop.sink);
    post_done(&loop.post);
    return 0;
}
