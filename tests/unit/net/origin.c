/* SPDX-License-Identifier: MIT */

#include "origin.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 2 << 20, MAX_CONNECTIONS = 256 };

static pthread_t acceptor;
static pthread_t talkers[MAX_CONNECTIONS];
static int fds[MAX_CONNECTIONS];

struct talk {
    struct origin *origin;
    int fd;
    char request[REQUEST_BYTES + 1];
    size_t len;
};

static bool send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_text(int fd, const char *text)
{
    return send_all(fd, text, strlen(text));
}

static bool receive(struct talk *talk)
{
    ssize_t n = recv(talk->fd, talk->request + talk->len, REQUEST_BYTES - talk->len, 0);

    if (n <= 0)
        return false;
    talk->len += (size_t)n;
    talk->request[talk->len] = '\0';
    return true;
}

/* The length of the first whole request in the buffer; 0 when the other side is gone. */
static size_t receive_request(struct talk *talk)
{
    const char *end;
    const char *field;
    size_t want;

    while ((end = strstr(talk->request, "\r\n\r\n")) == NULL) {
        if (!receive(talk))
            return 0;
    }
    field = strcasestr(talk->request, "\r\nContent-Length:");
    want = (size_t)(end + 4 - talk->request);
    if (field != NULL && field < end)
        want += strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
    while (talk->len < want) {
        if (!receive(talk))
            return 0;
    }
    return want;
}

static bool answer(int fd, int status, const char *field, const char *body, size_t len)
{
    char head[2048];

    (void)snprintf(head, sizeof(head),
                   "HTTP/1.1 %d Word\r\n%sContent-Length: %zu\r\n\r\n", status, field,
                   len);
    return send_text(fd, head) && send_all(fd, body, len);
}

static bool answer_big(int fd, size_t len)
{
    char *body = malloc(len + 1);

    memset(body, 'x', len + 1);
    bool is_sent = answer(fd, 200, "", body, len);
    free(body);
    return is_sent;
}

static bool answer_redirect(int fd, const char *rest)
{
    int status = atoi(rest);
    const char *location = rest + 4;
    char field[1024];

    (void)snprintf(field, sizeof(field), "Location: %.*s\r\n",
                   (int)strcspn(location, " "), location);
    return answer(fd, status, field, "moved", 5);
}

static bool answer_heads(int fd, int n_heads)
{
    bool is_sent = true;

    for (int i = 0; i < n_heads && is_sent; i++)
        is_sent = send_text(fd, "HTTP/1.1 100 Continue\r\nX-Interim: yes\r\n\r\n");
    return is_sent && answer(fd, 200, "X-Final: yes\r\n", "ok", 2);
}

/* "503/2": so often, with what it was authorized by; then it works. */
static bool answer_failing(struct talk *talk, const char *rest)
{
    const char *field = strcasestr(talk->request, "\r\nAuthorization:");
    const char *value = field != NULL ? field + strlen("\r\nAuthorization: ") : "";
    const int status = atoi(rest);
    char body[512];

    /* The credential alone, where a sentence of 256 bytes would be cut. */
    value += strcspn(value, " \r");
    if (atomic_load(&talk->origin->n_requests) > atoi(rest + 4))
        return answer(talk->fd, 200, "", "{}", 2);
    (void)snprintf(body, sizeof(body), "{\"error\":\"I got%.*s%210s%.*s\",\"code\":7}",
                   (int)strcspn(value, "\r"), value, "and", (int)strcspn(value, "\r"),
                   value);
    return answer(talk->fd, status, status == 429 ? "Retry-After: 1\r\n" : "", body,
                  strlen(body));
}

/* False ends the connection. */
static bool act(struct talk *talk, size_t len)
{
    const char *path = strchr(talk->request, ' ') + 1;
    const int fd = talk->fd;

    if (strncmp(path, "/status/", 8) == 0)
        return answer(fd, atoi(path + 8), "", "body", 4);
    if (strncmp(path, "/big/", 5) == 0)
        return answer_big(fd, strtoul(path + 5, NULL, 10));
    if (strncmp(path, "/heads/", 7) == 0)
        return answer_heads(fd, atoi(path + 7));
    if (strncmp(path, "/to/", 4) == 0)
        return answer_redirect(fd, path + 4);
    if (strncmp(path, "/fail/", 6) == 0)
        return answer_failing(talk, path + 6);
    if (strncmp(path, "/half ", 6) == 0)
        return send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") && false;
    if (strncmp(path, "/noise ", 7) == 0)
        return send_text(fd, "220 mail.example ESMTP\r\n\r\n") && false;
    if (strncmp(path, "/close ", 7) == 0)
        return false;
    if (strncmp(path, "/hang ", 6) == 0)
        return receive(talk) && false;
    return answer(fd, 200, "X-Origin:  yes \r\n", talk->request, len);
}

static void *talk_on(void *arg)
{
    struct talk *talk = arg;
    size_t len;

    while ((len = receive_request(talk)) > 0) {
        atomic_fetch_add(&talk->origin->n_requests, 1);
        if (!act(talk, len))
            break;
        memmove(talk->request, talk->request + len, talk->len - len + 1);
        talk->len -= len;
    }
    shutdown(talk->fd, SHUT_RDWR);
    free(talk);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct origin *origin = arg;
    int fd;

    while ((fd = accept(origin->fd, NULL, NULL)) >= 0) {
        struct talk *talk = calloc(1, sizeof(*talk));
        int at = atomic_fetch_add(&origin->n_connections, 1);

        assert(at < MAX_CONNECTIONS);
        talk->origin = origin;
        talk->fd = fds[at] = fd;
        pthread_create(&talkers[at], NULL, talk_on, talk);
    }
    return NULL;
}

struct origin *origin_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct origin *origin = calloc(1, sizeof(*origin));
    socklen_t len = sizeof(address);

    origin->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(bind(origin->fd, (const struct sockaddr *)&address, len) == 0);
    assert(listen(origin->fd, 128) == 0);
    assert(getsockname(origin->fd, (struct sockaddr *)&address, &len) == 0);
    origin->port = ntohs(address.sin_port);
    pthread_create(&acceptor, NULL, accept_all, origin);
    return origin;
}

void origin_stop(struct origin *origin)
{
    shutdown(origin->fd, SHUT_RDWR);
    pthread_join(acceptor, NULL);
    for (int i = 0; i < origin->n_connections; i++) {
        shutdown(fds[i], SHUT_RDWR);
        pthread_join(talkers[i], NULL);
        close(fds[i]);
    }
    close(origin->fd);
    free(origin);
}
