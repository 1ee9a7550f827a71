/* SPDX-License-Identifier: MIT */

#include "net/request.h"

#include <assert.h>

#include "base/mem.h"
#include "sys/mailbox.h"

enum { MAX_SPARE = 1024, KEEP_BODY_BYTES = 64 << 10, READ_AHEAD_BYTES = 64 << 10 };

/* The server whose loop this thread is: what it answers itself needs no letter. */
static _Thread_local const struct server *own_server;

void request_claim_thread(const struct server *server)
{
    own_server = server;
}

static struct server_request *find_spare(struct server *server)
{
    struct list_link *link = list_pop(&server->spare);

    if (link != NULL)
        return list_entry(link, struct server_request, link);
    struct server_request *request = mem_new(struct server_request);
    request->server = server;
    reply_init(&request->reply);
    request->parameters = mem_new(struct parameters);
    return request;
}

struct server_request *request_new(struct server *server, struct connection *connection)
{
    struct server_request *request = find_spare(server);

    request->letter.kind = LETTER_ANSWER;
    request->connection = connection;
    request->began_us = server->timers.now_us;
    request->body_limit = server->options.body_bytes;
    list_push(&server->live, &request->link);
    atomic_fetch_add(&server->n_open, 1);
    return request;
}

static void request_free(struct server_request *request)
{
    buf_done(&request->body);
    reply_done(&request->reply);
    parameters_done(request->parameters);
    free(request->parameters);
    free(request);
}

/* Back to a fresh one that keeps the memory of modest bodies. */
static void wipe(struct server_request *request)
{
    struct server *server = request->server;
    struct buf body = request->body;
    struct reply reply = request->reply;
    struct parameters *parameters = request->parameters;

    parameters_done(parameters);
    if (body.capacity > KEEP_BODY_BYTES)
        buf_done(&body);
    buf_clear(&body);
    *request = (struct server_request){
        .server = server, .body = body, .reply = reply, .parameters = parameters};
}

static void call_free_fn(struct server_request *request)
{
    if (request->free_fn != NULL)
        request->free_fn(request->data);
    request->free_fn = NULL;
}

void request_settle(struct server_request *request)
{
    struct server *server = request->server;

    if (request->connection != NULL || request->is_owed)
        return;
    call_free_fn(request);
    list_remove(&server->live, &request->link);
    atomic_fetch_sub(&server->n_open, 1);
    if (server->spare.n_links >= MAX_SPARE) {
        request_free(request);
        return;
    }
    wipe(request);
    list_push_front(&server->spare, &request->link);
}

void request_free_all(struct server *server)
{
    struct list_link *link;

    while ((link = list_pop(&server->live)) != NULL) {
        struct server_request *request = list_entry(link, struct server_request, link);

        call_free_fn(request);
        request_free(request);
    }
    while ((link = list_pop(&server->spare)) != NULL)
        request_free(list_entry(link, struct server_request, link));
}

/* The target lies in libmicrohttpd's memory, which cuts and decodes it in place: an end
 * right behind the '?' is a query without parameters. */
void request_hide_query(struct server_request *request, const char *target)
{
    char *mark = (char *)(uintptr_t)strchr(target, '?');

    if (mark == NULL)
        return;
    request->query = mark + 1;
    request->query_first = mark[1];
    mark[1] = '\0';
}

void request_show_query(struct server_request *request)
{
    if (request->query != NULL)
        request->query[0] = request->query_first;
}

static struct bytes raw_query(const struct server_request *request)
{
    if (request->query == NULL)
        return BYTES("");
    return bytes_of(request->query, (size_t)(request->target_end - request->query));
}

/* A cookie more may be counted than there is, never one fewer. */
static size_t count_cookies(struct bytes field)
{
    size_t n = 1;

    for (size_t i = 0; i < field.len; i++)
        n += field.ptr[i] == ';' || field.ptr[i] == ',';
    return field.len > 0 ? n : 0;
}

static bool is_memory_short(const struct server_request *request)
{
    enum { RECORD_BYTES = 64, LEAST_BYTES = 1 << 10 };
    const struct framing *framing = &request->framing;
    size_t n_records = framing->n_all_fields + count_cookies(framing->cookie);
    size_t n_used = request->n_head + framing->cookie.len + n_records * RECORD_BYTES;

    return n_used + LEAST_BYTES >
           request->server->options.header_bytes + REQUEST_SLACK_BYTES;
}

bool request_is_head_too_large(const struct server_request *request)
{
    return request->head.len > request->server->options.header_bytes ||
           is_memory_short(request) || parameters_are_too_many(raw_query(request));
}

bool request_is_line_tight(const struct server_request *request, const char *version)
{
    return request->path == request->method + strlen(request->method) + 1 &&
           version == request->target_end + 1;
}

bool request_is_worth_draining(const struct server_request *request)
{
    return !request->framing.expects_continue &&
           (request->framing.body != FRAMING_LENGTH ||
            request->framing.content_length <= SERVER_DRAIN_BYTES);
}

bool request_is_last(const struct server_request *request, const struct reply *reply)
{
    const struct server *server = request->server;

    return reply->close || server->is_draining || request->framing.is_http_1_0 ||
           request->framing.body == FRAMING_CHUNKED ||
           atomic_load_explicit(&server->is_winding_down, memory_order_relaxed);
}

void request_decide(struct server_request *request, int status, const char *message)
{
    reply_set_message(&request->reply, status, message, /* retry_after_s= */ 0);
    request->state = REQUEST_ANSWERED;
}

void request_start_body(struct server_request *request)
{
    size_t limit = request->body_limit;
    int64_t length = request->framing.content_length;

    buf_clear(&request->body);
    request->body.max_bytes = limit;
    if (request->state != REQUEST_ANSWERED && length > 0 && (uint64_t)length > limit)
        request_decide(request, 413, "Payload too large");
    else if (length > 0)
        (void)buf_room(&request->body,
                       length < READ_AHEAD_BYTES ? (size_t)length : READ_AHEAD_BYTES);
}

void request_body_begins(struct server_request *request)
{
    request->is_chunked = request->framing.body == FRAMING_CHUNKED;
    request->server->n_chunked += request->is_chunked;
}

void request_body_grows(struct server_request *request, size_t n_bytes)
{
    request->n_looks = 0;
    request->was_unread = false;
    request->n_pieces++;
    request->n_piece_bytes += n_bytes;
}

void request_body_ends(struct server_request *request)
{
    request->server->n_chunked -= request->is_chunked;
    request->is_chunked = false;
}

/* At two looks in a row, without a piece between them. */
static bool is_left_unread(struct server_request *request)
{
    bool was_unread = request->was_unread;

    request->was_unread = connection_has_unread(request->connection->fd);
    return was_unread && request->was_unread;
}

bool request_has_endless_line(struct server_request *request)
{
    /* A line of an honest sender; TLS has a handshake, and a frame around each record. */
    enum { LINE_BYTES = 128, TRAILER_BYTES = 1 << 10, TLS_BYTES = 16 << 10, LONG = 10 };
    const struct connection *connection = request->connection;
    uint64_t allowed = connection->n_settled + request->n_head + request->n_piece_bytes +
                       (request->n_pieces + 2) * LINE_BYTES;

    if (!request->is_chunked || request->n_looks++ == 0)
        return false;
    if (is_left_unread(request))
        return true;
    if (request->n_looks < LONG)
        allowed += TRAILER_BYTES;
    if (connection->has_tls)
        allowed += TLS_BYTES + request->n_piece_bytes / 8;
    uint64_t n_read = connection_n_read(connection->fd);
    return n_read != UINT64_MAX && n_read > allowed;
}

/* From the handler itself the answer takes effect on its return; else by letter. */
static void hand_over(struct server_request *request)
{
    struct server *server = request->server;

    if (own_server == server && server->current == request) {
        assert(request->state != REQUEST_ANSWERED);
        request->state = REQUEST_ANSWERED;
        request->is_owed = false;
        return;
    }
    mailbox_force(server->mailbox, &request->letter.link);
}

void server_answer(struct server_request *request, const struct server_answer *answer)
{
    reply_set(&request->reply, answer);
    hand_over(request);
}

void server_answer_in(struct server_batch *batch, struct server_request *request,
                      const struct server_answer *answer)
{
    reply_set(&request->reply, answer);
    if (batch->server != request->server)
        server_batch_send(batch);
    batch->server = request->server;
    list_push(&batch->letters, &request->letter.link);
}

void server_batch_send(struct server_batch *batch)
{
    if (batch->server != NULL)
        mailbox_force_all(batch->server->mailbox, &batch->letters);
}

void server_answer_message(struct server_request *request, int status,
                           const char *message)
{
    reply_set_message(&request->reply, status, message, status == 503 ? 1 : 0);
    hand_over(request);
}

struct server_stream *server_stream_start(struct server_request *request,
                                          const char *content_type, size_t max_bytes,
                                          void (*closed_fn)(void *arg), void *arg)
{
    struct server_stream *stream = mem_new(struct server_stream);
    const struct server_answer head = {
        .status = 200,
        .content_type = content_type,
        .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};

    stream->letter.kind = LETTER_STREAM;
    stream->server = request->server;
    stream->request = request;
    stream->closed_fn = closed_fn;
    stream->arg = arg;
    backlog_init(&stream->backlog, max_bytes);
    request->stream = stream;
    reply_set(&request->reply, &head);
    hand_over(request);
    return stream;
}

static void wake_reader(struct server_stream *stream, bool is_asleep)
{
    if (is_asleep)
        mailbox_force(stream->server->mailbox, &stream->letter.link);
}

bool server_stream_send(struct server_stream *stream, struct bytes bytes)
{
    bool wake;
    bool is_open = backlog_add(&stream->backlog, bytes, &wake);

    wake_reader(stream, wake);
    return is_open;
}

size_t server_stream_backlog(struct server_stream *stream)
{
    return backlog_len(&stream->backlog);
}

void server_stream_cut(struct server_stream *stream)
{
    bool wake;

    backlog_cut(&stream->backlog);
    backlog_end(&stream->backlog, &wake); /* stays cut; the reader is to look */
    wake_reader(stream, wake);
}

void server_stream_end(struct server_stream *stream)
{
    bool wake;

    backlog_end(&stream->backlog, &wake);
    wake_reader(stream, wake);
}

void stream_close(struct server_stream *stream)
{
    stream->request = NULL;
    backlog_cut(&stream->backlog);
    if (stream->closed_fn != NULL)
        stream->closed_fn(stream->arg);
    if (backlog_is_woken(&stream->backlog))
        return; /* its letter is under way and will free it */
    backlog_done(&stream->backlog);
    free(stream);
}

unsigned server_n_open(const struct server *server)
{
    return atomic_load(&server->n_open);
}

struct bytes server_method(const struct server_request *request)
{
    return bytes_str(request->method);
}

struct bytes server_path(const struct server_request *request)
{
    return bytes_str(request->path);
}

struct bytes server_body(const struct server_request *request)
{
    return buf_bytes(&request->body);
}

static const struct parameters *read_query(const struct server_request *request)
{
    parameters_read(request->parameters, raw_query(request));
    return request->parameters;
}

struct bytes server_query(const struct server_request *request, const char *name)
{
    const struct parameters *parameters = read_query(request);

    for (size_t i = 0; i < parameters->n_fields; i++) {
        struct bytes value = parameters->fields[i].value;

        if (bytes_eq(parameters->fields[i].name, bytes_str(name)))
            return value.ptr != NULL ? value : BYTES("");
    }
    return bytes_of(NULL, 0);
}

void server_each_query(const struct server_request *request, server_query_fn *fn,
                       void *arg)
{
    const struct parameters *parameters = read_query(request);

    for (size_t i = 0; i < parameters->n_fields; i++)
        fn(arg, parameters->fields[i].name, parameters->fields[i].value);
}

/* Walks the fields, those in the table first; NULL at the end. @rest is the caller's. */
static const struct framing_field *next_field(const struct server_request *request,
                                              size_t *cursor, struct framing_field *rest)
{
    const struct framing *framing = &request->framing;

    if (*cursor < framing->n_fields)
        return &framing->fields[(*cursor)++];
    if (framing->n_fields < FRAMING_FIELDS)
        return NULL;
    if (*cursor == framing->n_fields)
        *cursor = framing->fields_end;
    return framing_next(request->head, cursor, &rest->name, &rest->value) ? rest : NULL;
}

struct bytes server_header(const struct server_request *request, const char *name)
{
    const struct bytes wanted = bytes_str(name);
    const struct framing_field *field;
    struct framing_field rest;
    size_t cursor = 0;

    while ((field = next_field(request, &cursor, &rest)) != NULL) {
        if (bytes_eq_nocase(field->name, wanted))
            return field->value;
    }
    return bytes_of(NULL, 0);
}

unsigned server_n_headers(const struct server_request *request, const char *name)
{
    const struct bytes wanted = bytes_str(name);
    const struct framing_field *field;
    struct framing_field rest;
    size_t cursor = 0;
    unsigned n_fields = 0;

    while ((field = next_field(request, &cursor, &rest)) != NULL)
        n_fields += bytes_eq_nocase(field->name, wanted);
    return n_fields;
}

bool server_next_header(const struct server_request *request, size_t *cursor,
                        struct bytes *ret_name, struct bytes *ret_value)
{
    return framing_next(request->head, cursor, ret_name, ret_value);
}

int64_t server_content_length(const struct server_request *request)
{
    switch (request->framing.body) {
    case FRAMING_CHUNKED:
        return INT64_MAX;
    case FRAMING_LENGTH:
        return request->framing.content_length;
    case FRAMING_NO_BODY:
        break;
    }
    return -1;
}

const char *server_peer(const struct server_request *request)
{
    return request->connection->peer;
}

bool server_peer_is_loopback(const struct server_request *request)
{
    return request->connection->is_loopback;
}

int64_t server_began_us(const struct server_request *request)
{
    return request->began_us;
}

void server_limit_body(struct server_request *request, size_t body_bytes)
{
    request->body_limit = body_bytes;
}

void server_set_data(struct server_request *request, void *data, void (*free_fn)(void *))
{
    request->data = data;
    request->free_fn = free_fn;
}

void *server_data(const struct server_request *request)
{
    return request->data;
}

/* cppcheck-suppress constParameter; what is pointed to is a function */
void *server_data_of(const struct server_request *request, void (*free_fn)(void *))
{
    return request->free_fn == free_fn ? request->data : NULL;
}

int server_status(const struct server_request *request)
{
    return request->reply.status;
}

void server_again(struct server_request *request)
{
    request->letter.kind = LETTER_AGAIN;
    mailbox_force(request->server->mailbox, &request->letter.link);
}
