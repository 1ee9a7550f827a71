/* SPDX-License-Identifier: MIT */

#include "lambda/host/listener.h"

#include <poll.h>

#include "base/err.h"
#include "base/form.h"
#include "base/mem.h"
#include "sys/mailbox.h"

enum {
    HEADER_BYTES = 64 << 10,
    QUERY_BYTES = 4096,
    MAX_POSTS = 4096, /* more than there are connections */
    DEADLINE_MS = 60000,
    IDLE_MS = 600000, /* a runtime thinks between two requests */
    LAST_ANSWERS_MS = 500,
};

/* --- posts -------------------------------------------------------------------------- */

struct bytes post_field(const struct post *post, const char *name)
{
    for (size_t i = 0; i < post->n_fields; i++) {
        if (bytes_eq(post->fields[i].name, bytes_str(name)))
            return post->fields[i].value;
    }
    return bytes_of(NULL, 0);
}

void post_free(struct post *post)
{
    if (post == NULL)
        return;
    arena_done(&post->arena);
    free(post);
}

void post_answer(struct post *post, const struct server_answer *answer)
{
    server_answer(post->request, answer);
    post_free(post);
}

static struct bytes keep(struct post *post, struct bytes bytes)
{
    return bytes_of(arena_copy(&post->arena, bytes), bytes.len);
}

static struct bytes keep_lower(struct post *post, struct bytes bytes)
{
    char *text = arena_copy(&post->arena, bytes);

    for (size_t i = 0; i < bytes.len; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] | 0x20);
    }
    return bytes_of(text, bytes.len);
}

static void on_query(void *arg, struct bytes name, struct bytes value)
{
    struct buf *query = arg;

    if (query->len > 0)
        buf_add_char(query, '&');
    form_encode(name, FORM_SPACE_PERCENT, query);
    buf_add_char(query, '=');
    form_encode(value, FORM_SPACE_PERCENT, query);
}

static struct post *post_new(struct server_request *request)
{
    cleanup(buf_done) struct buf query = {0};
    struct post *post = mem_new(struct post);
    struct bytes name, value;
    size_t cursor = 0;

    buf_init(&query, QUERY_BYTES);
    arena_init(&post->arena);
    post->request = request;
    post->method = keep(post, server_method(request));
    post->path = keep(post, server_path(request));
    server_each_query(request, on_query, &query);
    post->query = keep(post, buf_bytes(&query));
    post->qualifier = keep(post, server_query(request, "Qualifier"));
    while (post->n_fields < POST_FIELDS &&
           server_next_header(request, &cursor, &name, &value)) {
        struct sigv4_header *field = &post->fields[post->n_fields++];

        field->name = keep_lower(post, name);
        field->value = keep(post, value);
    }
    return post;
}

/* --- in the server's thread --------------------------------------------------------- */

/* The number of connections bounds that of posts. */
static void hand_over(struct listener *listener, struct post *post)
{
    mailbox_force(listener->mailbox, &post->link);
}

static void refuse(struct listener *listener, struct server_request *request)
{
    struct post *post = post_new(request);

    post->is_refused = true;
    server_answer(request, &listener->options.too_large);
    hand_over(listener, post);
}

/* A body that says how long it is need not come first. */
static void on_head(struct server_request *request, void *arg)
{
    struct listener *listener = arg;
    const int64_t length = server_content_length(request);

    if (length != INT64_MAX && length > (int64_t)listener->options.max_bytes)
        refuse(listener, request);
}

static void on_request(struct server_request *request, void *arg)
{
    struct listener *listener = arg;
    const struct bytes body = server_body(request);
    struct post *post;

    if (body.len > listener->options.max_bytes) {
        refuse(listener, request);
        return;
    }
    server_keep_open(request);
    post = post_new(request);
    post->body = body;
    hand_over(listener, post);
}

/* --- in the loop's thread ----------------------------------------------------------- */

static void on_posts(void *arg, int events)
{
    struct listener *listener = arg;
    struct list posts = {0};
    struct list_link *link;

    (void)events;
    mailbox_take(listener->mailbox, &posts);
    while ((link = list_pop(&posts)) != NULL)
        listener->options.fn(listener->options.arg, list_entry(link, struct post, link));
}

int listener_open(struct listener *listener, struct loop *loop,
                  const struct listener_options *options, struct err *err)
{
    const struct server_options server = {
        .host = options->host,
        .port = options->port,
        .header_bytes = HEADER_BYTES,
        /* A chunked one is read whole, so that it is refused in the API's words. */
        .body_bytes = SERVER_DRAIN_BYTES,
        .max_connections = options->max_connections,
        .deadline_ms = DEADLINE_MS,
        .idle_ms = IDLE_MS,
        .head_fn = on_head,
        .body_fn = on_request,
        .arg = listener,
    };

    *listener = (struct listener){.options = *options};
    listener->mailbox = mailbox_new(MAX_POSTS);
    if (server_start(&server, &listener->server, err) < 0) {
        mailbox_free(take(listener->mailbox));
        return -1;
    }
    loop_watch_init(&listener->watch, loop, mailbox_fd(listener->mailbox), on_posts,
                    listener);
    loop_watch_set(&listener->watch, LOOP_READABLE);
    return 0;
}

int listener_port(const struct listener *listener)
{
    return server_port(listener->server);
}

/* What nobody has seen yet: its request ends with the server. */
static void drop_posts(struct listener *listener)
{
    struct list posts = {0};
    struct list_link *link;

    mailbox_take(listener->mailbox, &posts);
    while ((link = list_pop(&posts)) != NULL)
        post_free(list_entry(link, struct post, link));
}

void listener_close(struct listener *listener)
{
    if (listener->server == NULL)
        return;
    loop_watch_done(&listener->watch);
    server_stop(take(listener->server));
    drop_posts(listener);
    mailbox_free(take(listener->mailbox));
}

void listener_finish(struct listener *listener)
{
    enum { STEP_MS = 5 };

    if (listener->server == NULL)
        return;
    server_drain(listener->server);
    for (int ms = 0; server_n_open(listener->server) > 0 && ms < LAST_ANSWERS_MS;
         ms += STEP_MS)
        (void)poll(NULL, 0, STEP_MS);
    listener_close(listener);
}
