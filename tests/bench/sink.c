/* SPDX-License-Identifier: MIT */

#include "sink.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "post.h"

static const char answer_200[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Content-Length: 2\r\n\r\n{}";
static const char answer_503[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                 "Content-Type: text/plain\r\n"
                                 "Content-Length: 4\r\n\r\nbusy";

enum behaviour { ANSWER = 0, DELAY, HANG, FAIL, DROP, REPEAT, N_BEHAVIOURS };
enum source_kind { LISTENER = 1, PEER };

struct port {
    enum source_kind source; /* first: sink_serve() tells by it */
    int fd;
    int number;
    enum behaviour behaviour;
    unsigned amount; /* ms, or of a hundred */
    unsigned share;  /* counts up to a hundred */
    struct peer *oldest, *newest;
};

/* A connection of somebody who delivers. */
struct peer {
    enum source_kind source;
    int fd;
    struct port *port;
    struct peer *next; /* of those that wait for the delay */
    struct peer *next_open;
    struct peer **link; /* what points at this one in the sink's list */
    int64_t answer_at_us;
    bool is_waiting;
    size_t len;
    char text[SINK_BYTES + 1];
};

struct sink {
    int poller;
    sink_fn *arrived_fn;
    void *arg;
    struct port *ports[SINK_PORTS];
    unsigned n_ports;
    struct peer *open;
};

static int64_t now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

struct sink *sink_new(int poller, sink_fn *arrived_fn, void *arg)
{
    struct sink *sink = calloc(1, sizeof(*sink));

    if (sink == NULL)
        abort();
    sink->poller = poller;
    sink->arrived_fn = arrived_fn;
    sink->arg = arg;
    return sink;
}

static bool watch(const struct sink *sink, int fd, void *source)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

    return epoll_ctl(sink->poller, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool listen_on(const struct sink *sink, struct port *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port->number)};
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    port->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (port->fd < 0)
        return false;
    setsockopt(port->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return bind(port->fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
           listen(port->fd, 4096) == 0 && watch(sink, port->fd, port);
}

static struct port *port_get(struct sink *sink, int number)
{
    for (unsigned i = 0; i < sink->n_ports; i++) {
        if (sink->ports[i]->number == number)
            return sink->ports[i];
    }
    if (sink->n_ports == SINK_PORTS)
        return NULL;
    struct port *port = calloc(1, sizeof(*port));
    if (port == NULL)
        abort();
    port->source = LISTENER;
    port->number = number;
    if (!listen_on(sink, port)) {
        perror("sink: listen");
        free(port);
        return NULL;
    }
    sink->ports[sink->n_ports++] = port;
    return port;
}

static bool read_behaviour(struct port *port, const char *text)
{
    static const char *const names[N_BEHAVIOURS] = {"answer", "delay", "hang",
                                                    "fail",   "drop",  "repeat"};

    for (int i = 0; i < N_BEHAVIOURS; i++) {
        size_t len = strlen(names[i]);

        if (strncmp(text, names[i], len) != 0)
            continue;
        port->behaviour = (enum behaviour)i;
        port->amount = text[len] == '=' ? (unsigned)strtoul(text + len + 1, NULL, 10) : 0;
        port->share = 0;
        return true;
    }
    return false;
}

bool sink_set(struct sink *sink, const char *text)
{
    char *rest;
    int number = (int)strtol(text, &rest, 10);

    if (*rest != '=' || number < 1 || number > UINT16_MAX) {
        fprintf(stderr, "sink: not PORT=BEHAVIOUR: %s\n", text);
        return false;
    }
    struct port *port = port_get(sink, number);
    if (port == NULL)
        return false;
    if (!read_behaviour(port, rest + 1)) {
        fprintf(stderr, "sink: no such behaviour: %s\n", rest + 1);
        return false;
    }
    return true;
}

enum ledger_kind sink_kind(const struct sink *sink, uint64_t lane)
{
    if (lane >= sink->n_ports)
        return LEDGER_HEALTHY;
    if (sink->ports[lane]->behaviour == FAIL)
        return LEDGER_FAILING;
    return sink->ports[lane]->behaviour == HANG ? LEDGER_HUNG : LEDGER_HEALTHY;
}

unsigned sink_n_ports(const struct sink *sink)
{
    return sink->n_ports;
}

static void welcome(struct sink *sink, struct port *port, int fd)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    int on = 1;

    if (peer == NULL)
        abort();
    peer->source = PEER;
    peer->fd = fd;
    peer->port = port;
    peer->next_open = sink->open;
    peer->link = &sink->open;
    if (sink->open != NULL)
        sink->open->link = &peer->next_open;
    sink->open = peer;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (!watch(sink, fd, peer))
        abort();
}

static void accept_all(struct sink *sink, struct port *port)
{
    for (;;) {
        int fd = accept4(port->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0)
            return;
        welcome(sink, port, fd);
    }
}

static void unlink_waiting(struct peer *peer)
{
    struct port *port = peer->port;
    struct peer *before = NULL;

    for (struct peer *one = port->oldest; one != peer; one = one->next)
        before = one;
    if (before == NULL)
        port->oldest = peer->next;
    else
        before->next = peer->next;
    if (port->newest == peer)
        port->newest = before;
    peer->next = NULL;
    peer->is_waiting = false;
}

static void hang_up(struct peer *peer)
{
    if (peer->is_waiting)
        unlink_waiting(peer);
    *peer->link = peer->next_open;
    if (peer->next_open != NULL)
        peer->next_open->link = peer->link;
    close(peer->fd);
    free(peer);
}

/* The answers are short: a socket whose buffer has no room for one is of no use. */
static bool answer(const struct peer *peer, bool is_good)
{
    const char *text = is_good ? answer_200 : answer_503;
    size_t len = is_good ? sizeof(answer_200) - 1 : sizeof(answer_503) - 1;

    return send(peer->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void answer_later(struct peer *peer)
{
    struct port *port = peer->port;

    peer->answer_at_us = now_us() + (int64_t)port->amount * 1000;
    peer->is_waiting = true;
    peer->next = NULL;
    if (port->newest != NULL)
        port->newest->next = peer;
    else
        port->oldest = peer;
    port->newest = peer;
}

/* So many of a hundred, evenly. */
static bool is_turn(struct port *port)
{
    port->share += port->amount;
    if (port->share < 100)
        return false;
    port->share -= 100;
    return true;
}

/* Of one whole request; false: hang up. */
static bool take(const struct sink *sink, struct peer *peer, const char *body, size_t len)
{
    struct port *port = peer->port;
    enum behaviour behaviour = port->behaviour;
    bool is_special = behaviour >= FAIL && is_turn(port);
    bool is_failing = behaviour == FAIL && is_special;
    bool is_taken = behaviour != HANG && !is_failing;

    if (behaviour != DROP || !is_special)
        sink->arrived_fn(sink->arg, body, len, is_taken);
    if (behaviour == REPEAT && is_special)
        sink->arrived_fn(sink->arg, body, len, is_taken);
    if (behaviour == HANG)
        return true;
    if (behaviour == DELAY) {
        answer_later(peer);
        return true;
    }
    return answer(peer, !is_failing);
}

/* Serves all whole requests that have come; false: hang up. */
static bool take_all(const struct sink *sink, struct peer *peer)
{
    size_t head = 0;
    size_t whole;

    while (peer->len > 0 &&
           (whole = post_message_length(peer->text, peer->len, &head)) > 0) {
        if (!take(sink, peer, peer->text + head, whole - head))
            return false;
        memmove(peer->text, peer->text + whole, peer->len - whole + 1);
        peer->len -= whole;
    }
    return peer->len < SINK_BYTES;
}

static void read_peer(const struct sink *sink, struct peer *peer)
{
    ssize_t n = read(peer->fd, peer->text + peer->len, SINK_BYTES - peer->len);

    if (n <= 0) {
        hang_up(peer);
        return;
    }
    peer->len += (size_t)n;
    peer->text[peer->len] = '\0';
    if (!take_all(sink, peer))
        hang_up(peer);
}

bool sink_serve(struct sink *sink, void *source, uint32_t events)
{
    (void)events; /* whatever it is, read() says it again */
    switch (*(enum source_kind *)source) {
    case LISTENER:
        accept_all(sink, source);
        return true;
    case PEER:
        read_peer(sink, source);
        return true;
    }
    return false;
}

static void answer_port(struct port *port, int64_t now)
{
    while (port->oldest != NULL && port->oldest->answer_at_us <= now) {
        struct peer *peer = port->oldest;

        port->oldest = peer->next;
        if (port->oldest == NULL)
            port->newest = NULL;
        peer->is_waiting = false;
        if (!answer(peer, true))
            hang_up(peer);
    }
}

int64_t sink_answer_due(struct sink *sink, int64_t now)
{
    int64_t next = INT64_MAX;

    for (unsigned i = 0; i < sink->n_ports; i++) {
        struct port *port = sink->ports[i];

        answer_port(port, now);
        if (port->oldest != NULL && port->oldest->answer_at_us < next)
            next = port->oldest->answer_at_us;
    }
    return next;
}

void sink_free(struct sink *sink)
{
    struct peer *next;

    for (struct peer *peer = sink->open; peer != NULL; peer = next) {
        next = peer->next_open;
        close(peer->fd);
        free(peer);
    }
    for (unsigned i = 0; i < sink->n_ports; i++) {
        close(sink->ports[i]->fd);
        free(sink->ports[i]);
    }
    free(sink);
}
