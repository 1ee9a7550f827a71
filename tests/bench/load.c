/* SPDX-License-Identifier: MIT */

/*
 * load - a closed loop of HTTP posts over N kept-alive connections, in one thread.
 *
 *     load PORT PATH CONNECTIONS SECONDS[@RATE]|Nn [BODY-BYTES[xBATCH]] [NAME:VALUE
 * header…]
 *
 * Every connection sends its next request when it has the whole answer to the last one,
 * for so many seconds, or ("5000n") until so many requests have been answered. With a
 * rate ("10@2000") it also waits until its turn comes: so many requests a second, all
 * connections together, made up for when the server was late. Each body
 * is a track event with a messageId of its own, or ("1024x100") a batch of such events.
 * Prints one JSON object: answers by class, requests per second, and percentiles of the
 * latency in microseconds.
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

enum {
    MAX_CONNECTIONS = 4096,
    HEAD_BYTES = 8192, /* of a request */
    MAX_EVENT_BYTES = 32768,
    MAX_BATCH = 2500,
    ANSWER_BYTES = 16384,
    HEADER_BYTES = 4096,
    N_BUCKETS = 2048, /* see bucket_of(): within 1/64 of the value */
};

struct connection {
    int fd;
    struct connection *next_idle;
    int64_t sent_at_us;
    size_t sent, to_send; /* of the request */
    size_t received;      /* of the answer */
    char *request;        /* options.request_bytes */
    char answer[ANSWER_BYTES];
};

static struct {
    int port;
    const char *path;
    int n_connections;
    int64_t duration_us;
    uint64_t n_requests; /* 0: as long as duration_us says */
    double per_s;        /* 0: as many as there are answers */
    int body_bytes;      /* of one event */
    int batch;           /* 0: single events */
    size_t request_bytes;
    char headers[HEADER_BYTES];
} options;

static struct {
    uint64_t answers[6]; /* by hundreds of the status */
    uint64_t n_broken;
    uint64_t buckets[N_BUCKETS];
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

/* Exact below 64 µs, then 64 buckets for every doubling. */
static size_t bucket_of(int64_t value_us)
{
    unsigned shift = 0;
    uint64_t value = value_us > 0 ? (uint64_t)value_us : 0;

    while (value >= 128) {
        value >>= 1;
        shift++;
    }
    size_t bucket = (size_t)shift * 64 + value;
    return bucket < N_BUCKETS ? bucket : N_BUCKETS - 1;
}

static int64_t bucket_value(size_t bucket)
{
    if (bucket < 128)
        return (int64_t)bucket;
    size_t shift = bucket / 64 - 1;
    return (int64_t)((bucket - shift * 64) << shift);
}

static int64_t percentile(double share)
{
    uint64_t total = 0;
    uint64_t seen = 0;

    for (size_t i = 0; i < N_BUCKETS; i++)
        total += results.buckets[i];
    for (size_t i = 0; i < N_BUCKETS; i++) {
        seen += results.buckets[i];
        if ((double)seen >= share * (double)total)
            return bucket_value(i);
    }
    return 0;
}

/* One event; returns its length. */
static int write_event(char *to)
{
    static uint64_t number;
    int len =
        sprintf(to,
                "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u%" PRIu64
                "\",\"messageId\":\"load-%d-%" PRIu64 "\",\"properties\":{"
                "\"revenue\":39.95,\"plan\":\"pro\",\"text\":\"",
                number % 1000, (int)getpid(), number);

    number++;
    while (len < options.body_bytes - 3)
        to[len++] = 'x';
    memcpy(to + len, "\"}}", 3);
    return len + 3;
}

static int write_body(char *to)
{
    int len;

    if (options.batch == 0)
        return write_event(to);
    len = sprintf(to, "{\"batch\":[");
    for (int i = 0; i < options.batch; i++) {
        if (i > 0)
            to[len++] = ',';
        len += write_event(to + len);
    }
    return len + sprintf(to + len, "]}");
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
    char *body = connection->request + HEAD_BYTES;
    int len = write_body(body);
    int head = snprintf(connection->request, HEAD_BYTES,
                        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
                        "Content-Type: application/json\r\nUser-Agent: Segment.io/1.0\r\n"
                        "Connection: Keep-Alive\r\nContent-Length: %d\r\n%s\r\n",
                        options.path, len, options.headers);

    memmove(connection->request + head, body, (size_t)len);
    connection->to_send = (size_t)head + (size_t)len;
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

/* The length of the whole answer when it is there, 0 when more has to come. */
static size_t answer_length(const struct connection *connection)
{
    const char *end = strstr(connection->answer, "\r\n\r\n");
    const char *field;
    size_t head;

    if (end == NULL)
        return 0;
    head = (size_t)(end - connection->answer) + 4;
    field = strcasestr(connection->answer, "\r\nContent-Length:");
    if (field != NULL && field < end)
        head += strtoul(field + 17, NULL, 10);
    return connection->received >= head ? head : 0;
}

static void count_answer(const struct connection *connection)
{
    int hundreds = connection->answer[9] - '0';

    results.answers[hundreds >= 1 && hundreds <= 5 ? hundreds : 0]++;
    results.buckets[bucket_of(now_us() - connection->sent_at_us)]++;
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
    if (answer_length(connection) == 0)
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
        connections[i].request = malloc(options.request_bytes);
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

static void add_header(const char *text)
{
    size_t len = strlen(options.headers);

    if (snprintf(options.headers + len, sizeof(options.headers) - len, "%s\r\n", text) >=
        (int)(sizeof(options.headers) - len)) {
        fprintf(stderr, "load: too many headers\n");
        exit(2);
    }
}

/* "1024" or "1024x100" */
static bool read_size(const char *text)
{
    char *rest;

    options.body_bytes = (int)strtol(text, &rest, 10);
    options.batch = *rest == 'x' ? (int)strtol(rest + 1, NULL, 10) : 0;
    options.request_bytes =
        HEAD_BYTES + (size_t)(options.body_bytes + 256) * (size_t)(options.batch + 1);
    return options.body_bytes > 0 && options.body_bytes <= MAX_EVENT_BYTES &&
           options.batch >= 0 && options.batch <= MAX_BATCH;
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

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr,
                "load PORT PATH CONNECTIONS SECONDS[@RATE]|Nn [BODY-BYTES[xBATCH]] "
                "[HEADER…]\n");
        return 2;
    }
    options.port = (int)strtol(argv[1], NULL, 10);
    options.path = argv[2];
    options.n_connections = (int)strtol(argv[3], NULL, 10);
    read_extent(argv[4]);
    if (options.n_connections < 1 || options.n_connections > MAX_CONNECTIONS ||
        !read_size(argc > 5 ? argv[5] : "1024"))
        return 2;
    for (int i = 6; i < argc; i++)
        add_header(argv[i]);
    began_us = now_us();
    run();
    printf("{\"ok\":%" PRIu64 ",\"client_errors\":%" PRIu64 ",\"server_errors\":%" PRIu64
           ",\"broken\":%" PRIu64 ",\"per_s\":%.0f,\"p50_us\":%" PRId64
           ",\"p99_us\":%" PRId64 ",\"p999_us\":%" PRId64 "}\n",
           results.answers[2], results.answers[4], results.answers[5], results.n_broken,
           (double)results.answers[2] * 1e6 / (double)(now_us() - began_us),
           percentile(0.5), percentile(0.99), percentile(0.999));
    return 0;
}
