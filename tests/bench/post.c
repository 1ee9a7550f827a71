/* SPDX-License-Identifier: MIT */

#include "post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"

static const char marker[] = "load-";

static size_t write_template(const struct post *post, uint64_t number, char *to)
{
    const char *id = strchr(post->template, '@');

    return (size_t)sprintf(to, "%.*s%s%d-%" PRIu64 "%s", (int)(id - post->template),
                           post->template, marker, (int)getpid(), number, id + 1);
}

/* One event; returns its length. */
static size_t write_event(const struct post *post, uint64_t number, char *to)
{
    if (post->template != NULL)
        return write_template(post, number, to);
    int len =
        sprintf(to,
                "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u%" PRIu64
                "\",\"messageId\":\"%s%d-%" PRIu64 "\",\"properties\":{"
                "\"revenue\":39.95,\"plan\":\"pro\",\"text\":\"",
                number % 1000, marker, (int)getpid(), number);

    if (len < post->event_bytes - 3) {
        memset(to + len, 'x', (size_t)(post->event_bytes - 3 - len));
        len = post->event_bytes - 3;
    }
    memcpy(to + len, "\"}}", 3);
    return (size_t)len + 3;
}

/* Returns the length; *ret_first is where the first event lies. */
static size_t write_body(const struct post *post, uint64_t number, char *to,
                         struct bytes *ret_first)
{
    size_t len = 0;

    if (post->shape == POST_EVENT) {
        len = write_event(post, number, to);
        *ret_first = (struct bytes){to, len};
        return len;
    }
    len = (size_t)sprintf(to, "%s", post->shape == POST_OBJECT ? "{\"batch\":[" : "[");
    for (int i = 0; i < post->n_events; i++) {
        if (i > 0)
            to[len++] = ',';
        size_t n = write_event(post, number + (uint64_t)i, to + len);
        if (i == 0)
            *ret_first = (struct bytes){to + len, n};
        len += n;
    }
    return len + (size_t)sprintf(to + len, "%s", post->shape == POST_OBJECT ? "]}" : "]");
}

bool post_is_tampered(const struct post *post, uint64_t number)
{
    return post->tamper_every > 0 &&
           number / (uint64_t)post->n_events % post->tamper_every == 0;
}

static void write_signature(const struct post *post, uint64_t number, struct bytes first,
                            char *to)
{
    uint8_t sum[HMAC_SHA1_LEN];
    int len = sprintf(to, "X-Signature: ");

    hmac_sha1_sum(post->secret, first, sum);
    if (post_is_tampered(post, number))
        sum[number % HMAC_SHA1_LEN] ^= 1;
    for (size_t i = 0; i < HMAC_SHA1_LEN; i++)
        len += sprintf(to + len, "%02x", sum[i]);
    memcpy(to + len, "\r\n", 3);
}

static void write_path(const struct post *post, uint64_t number, char *to, size_t size)
{
    const char *lane = strstr(post->path, "{}");

    if (lane == NULL)
        snprintf(to, size, "%s", post->path);
    else
        snprintf(to, size, "%.*s%" PRIu64 "%s", (int)(lane - post->path), post->path,
                 number % post->n_lanes, lane + 2);
}

size_t post_write(const struct post *post, uint64_t number, char *to)
{
    char *body = to + POST_HEAD_BYTES;
    char path[256];
    char signature[80] = "";
    struct bytes first = {0};
    size_t len = write_body(post, number, body, &first);

    if (post->secret != NULL)
        write_signature(post, number, first, signature);
    write_path(post, number, path, sizeof(path));
    int head = snprintf(to, POST_HEAD_BYTES,
                        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
                        "Content-Type: application/json\r\nUser-Agent: Segment.io/1.0\r\n"
                        "Connection: Keep-Alive\r\nContent-Length: %zu\r\n%s%s\r\n",
                        path, len, post->headers, signature);

    memmove(to + head, body, len);
    return (size_t)head + len;
}

size_t post_bytes(const struct post *post)
{
    return POST_HEAD_BYTES +
           (size_t)(post->event_bytes + 256) * (size_t)(post->n_events + 1);
}

bool post_read_size(struct post *post, const char *text)
{
    char *rest;

    post->event_bytes = (int)strtol(text, &rest, 10);
    post->n_events = 1;
    post->shape = POST_EVENT;
    if (*rest == 'x' || *rest == '[') {
        post->shape = *rest == 'x' ? POST_OBJECT : POST_ARRAY;
        post->n_events = (int)strtol(rest + 1, NULL, 10);
    }
    return post->event_bytes > 0 && post->event_bytes <= POST_EVENT_BYTES &&
           post->n_events >= 1 && post->n_events <= POST_BATCH;
}

static bool add_header(struct post *post, const char *text)
{
    size_t len = strlen(post->headers);
    size_t room = sizeof(post->headers) - len;

    return snprintf(post->headers + len, room, "%s\r\n", text) < (int)room;
}

static bool read_template(struct post *post, const char *name)
{
    FILE *file = fopen(name, "re");

    if (file == NULL) {
        perror(name);
        return false;
    }
    free(post->template);
    post->template = calloc(1, POST_EVENT_BYTES + 1);
    if (post->template == NULL)
        abort();
    post->event_bytes = (int)fread(post->template, 1, POST_EVENT_BYTES, file);
    fclose(file);
    return strchr(post->template, '@') != NULL;
}

bool post_add(struct post *post, const char *text)
{
    if (strncmp(text, "event=", 6) == 0)
        return read_template(post, text + 6);
    if (strncmp(text, "sign=", 5) == 0) {
        hmac_sha1_free(post->secret);
        post->secret = hmac_sha1_new((struct bytes){text + 5, strlen(text + 5)});
        return true;
    }
    if (strncmp(text, "tamper=", 7) == 0) {
        post->tamper_every = strtoull(text + 7, NULL, 10);
        return true;
    }
    return add_header(post, text);
}

void post_done(struct post *post)
{
    hmac_sha1_free(post->secret);
    free(post->template);
    post->secret = NULL;
    post->template = NULL;
}

bool post_number(const char *body, size_t len, uint64_t *ret_number)
{
    const char *found = memmem(body, len, marker, sizeof(marker) - 1);
    char *rest;

    if (found == NULL || strtol(found + sizeof(marker) - 1, &rest, 10) != getpid() ||
        *rest != '-')
        return false;
    *ret_number = strtoull(rest + 1, NULL, 10);
    return true;
}

size_t post_message_length(const char *text, size_t len, size_t *ret_head)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *field;
    size_t whole;

    if (end == NULL)
        return 0;
    whole = (size_t)(end - text) + 4;
    if (ret_head != NULL)
        *ret_head = whole;
    field = strcasestr(text, "\r\nContent-Length:");
    if (field != NULL && field < end)
        whole += strtoul(field + 17, NULL, 10);
    return len >= whole ? whole : 0;
}
