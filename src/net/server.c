/* SPDX-License-Identifier: MIT */

/*
 * What libmicrohttpd 0.9.75 wants to be handled with care, each measured or read:
 *
 * - An answer queued in the first call for a request closes the connection, even for a
 * GET: so early answers wait for the last call, but when the body is not to be read at
 * all.
 * - None can be queued while a body comes in. What cannot wait for its end is written to
 *   the socket by ourselves (request_say_and_hang_up), which plain TCP allows.
 * - Its time-out counts inactivity and a whole number of seconds: ours replaces it.
 * - A chunked body may end its lines with a bare LF. The connection closes after it, so
 *   nothing hidden behind such a body is ever read as a request.
 * - A resumed connection is looked at by MHD_run, not before; stopping with a suspended
 * one ends the process.
 * - It loses sight of connections: of one whose query has more parameters than its memory
 *   has records for (parse_initial_message_line goes on after the refusal), and of one
 *   that is closed because a callback for its answer's body failed. They are neither
 *   closed nor freed before they are the oldest of all. So it sees no query
 *   (request_hide_query), and is made to look (connection_rouse).
 * - What it refuses twice is freed without a call of on_completed.
 */

#include "net/server.h"

#include <assert.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/err.h"
#include "net/request.h"
#include "sys/clock.h"
#include "sys/mailbox.h"

#define NO_TLS "cannot serve TLS: certificate and key are not usable"

static void open_connection(struct server *server, struct MHD_Connection *mhd,
                            void **socket_context)
{
    int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    const struct sockaddr *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    struct connection *connection = connection_new(&server->timers, fd, address);

    connection->mhd = mhd;
    connection->has_tls = server->options.tls_cert != NULL;
    if (server->is_adopting) {
        connection->n_settled = connection_n_read(fd);
        connection_set_idle(connection);
    }
    *socket_context = connection;
}

static void count_settled(struct connection *connection,
                          const struct server_request *request)
{
    connection->n_settled += request->n_head;
    if (request->framing.body == FRAMING_LENGTH)
        connection->n_settled += (uint64_t)request->framing.content_length;
    if (connection->has_tls)
        connection->n_settled = connection_n_read(connection->fd);
}

/* libmicrohttpd is done with it. */
static void end_request(struct server_request *request)
{
    struct connection *connection = request->connection;

    request_body_ends(request);
    connection_set_idle(connection);
    connection->request = NULL;
    count_settled(connection, request);
    request->connection = NULL;
    if (request->sent_stream != NULL)
        stream_close(request->sent_stream);
    request_settle(request);
}

static void on_connection(void *arg, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        open_connection(arg, mhd, socket_context);
        return;
    }
    struct connection *connection = *socket_context;
    *socket_context = NULL;
    if (connection->request != NULL)
        end_request(connection->request); /* on_completed was not told */
    connection_free(connection);
}

/* The request line has come; @target as it was sent. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *mhd)
{
    struct connection *connection =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct server_request *request = request_new(arg, connection);

    request->is_bad_target = !framing_is_target(bytes_str(target));
    request->target_end = target + strlen(target);
    request_hide_query(request, target);
    connection->request = request;
    connection_set_deadline(connection);
    return request;
}

/* A handler or a stream that gives up leaves the connection closed, but not yet freed. */
static void on_completed(void *arg, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct server_request *request = *context;

    (void)arg;
    (void)mhd;
    if (request == NULL)
        return;
    struct connection *connection = request->connection;
    *context = NULL;
    end_request(request);
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        connection_rouse(connection);
}

static void suspend(struct server_request *request)
{
    request->is_suspended = true;
    request->server->n_suspended++;
    MHD_suspend_connection(request->connection->mhd);
}

/* It goes through those that have a time-out of their own in each MHD_run. Not from a
 * callback, which may be for a connection that it is about to free. */
static void rouse_all(struct server *server)
{
    enum { SOON_S = 1 };
    struct connection *connection;

    while ((connection = connection_next_roused(&server->timers)) != NULL)
        (void)MHD_set_connection_option(connection->mhd, MHD_CONNECTION_OPTION_TIMEOUT,
                                        (unsigned)SOON_S);
}

static void watch(struct server *server, int fd, uint32_t events, void *what)
{
    struct epoll_event event = {.events = events, .data.ptr = what};
    int r = epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event);

    assert(r == 0);
}

/* libmicrohttpd does not look at suspended connections, so a stream with nothing to send
 * would not notice that its reader has gone. */
static void suspend_stream(struct server_stream *stream)
{
    suspend(stream->request);
    watch(stream->server, stream->request->connection->fd, EPOLLRDHUP, stream);
}

void request_resume(struct server_request *request)
{
    if (!request->is_suspended)
        return;
    request->is_suspended = false;
    request->server->n_suspended--;
    if (request->sent_stream != NULL)
        (void)epoll_ctl(request->server->epoll_fd, EPOLL_CTL_DEL, request->connection->fd,
                        NULL);
    MHD_resume_connection(request->connection->mhd);
}

void request_say_and_hang_up(struct server_request *request)
{
    const struct reply *reply = &request->reply;

    connection_say_and_hang_up(request->connection, reply,
                               MHD_get_reason_phrase_for((unsigned)reply->status));
}

static ssize_t on_stream_read(void *arg, uint64_t position, char *to, size_t size)
{
    struct server_stream *stream = arg;
    ssize_t n = backlog_take(&stream->backlog, to, size);

    (void)position;
    if (n == BACKLOG_AT_END)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (n == BACKLOG_IS_CUT)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (n == BACKLOG_EMPTY)
        suspend_stream(stream);
    return n;
}

static struct MHD_Response *make_response(struct server_request *request,
                                          const struct reply *reply)
{
    enum { BLOCK_BYTES = 4096 };

    if (request->sent_stream != NULL)
        return MHD_create_response_from_callback(
            MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_stream_read, request->sent_stream, NULL);
    if (reply->has_file) {
        request->reply.has_file = false; /* the response closes it */
        return MHD_create_response_from_fd_at_offset64(
            (uint64_t)reply->file_bytes, reply->file, (uint64_t)reply->file_from);
    }
    /* Not copied again: the request, and with it the body, outlives the sending. */
    return MHD_create_response_from_buffer(reply->body.len, reply->body.ptr,
                                           MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_spoiled(struct server_request *request)
{
    request->state = REQUEST_SENDING;
    request_say_and_hang_up(request);
    return MHD_NO;
}

static enum MHD_Result send_reply(struct server_request *request)
{
    const bool is_late = request->state == REQUEST_LATE;
    const struct reply *reply = is_late ? &request->server->late : &request->reply;
    struct connection *connection = request->connection;
    const char *name;
    const char *value;
    size_t cursor = 0;

    if (reply->spoil != SERVER_WHOLE)
        return send_spoiled(request);
    request->sent_stream = is_late ? NULL : request->stream;
    const bool is_long = request->sent_stream != NULL || reply->has_file;
    struct MHD_Response *response = make_response(request, reply);
    if (response == NULL)
        return MHD_NO;
    while (reply_next(reply, &cursor, &name, &value))
        (void)MHD_add_response_header(response, name, value);
    connection->is_last = request_is_last(request, reply);
    if (connection->is_last)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    request->state = REQUEST_SENDING;
    if (is_long)
        connection_set_no_timer(connection);
    else
        connection_set_idle(connection);
    enum MHD_Result r =
        MHD_queue_response(connection->mhd, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result refuse(struct server_request *request, int status,
                              const char *message)
{
    request_decide(request, status, message);
    request->reply.close = true;
    return send_reply(request); /* in the first call: libmicrohttpd reads no further */
}

void request_call(struct server_request *request, server_request_fn *fn)
{
    struct server *server = request->server;

    server->has_handled = true;
    server->current = request;
    fn(request, server->options.arg);
    server->current = NULL;
}

/* The head, in libmicrohttpd's memory, from the version on; empty when it does not lie
 * there as it does in the versions we know. */
static struct bytes raw_head(struct server_request *request, const char *version)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        request->connection->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    if (info == NULL || version < request->method ||
        (size_t)(version - request->method) > info->header_size)
        return BYTES("");
    request->n_head = info->header_size;
    return bytes_of(version, info->header_size - (size_t)(version - request->method));
}

static enum MHD_Result handle_head(struct server_request *request)
{
    const struct server_options *options = &request->server->options;

    request->state = REQUEST_BODY;
    if (options->head_fn != NULL)
        request_call(request, options->head_fn);
    request_start_body(request);
    if (request->state == REQUEST_ANSWERED && request->framing.body != FRAMING_NO_BODY &&
        !request_is_worth_draining(request))
        return send_reply(request);
    request_body_begins(request);
    return MHD_YES;
}

static enum MHD_Result judge_head(struct server_request *request, const char *version)
{
    request->head = raw_head(request, version);
    enum framing_verdict verdict = framing_judge(request->head, &request->framing);

    if (request_is_head_too_large(request))
        return refuse(request, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
                      "Request head too large");
    if (verdict == FRAMING_UNKNOWN_CODING)
        return refuse(request, MHD_HTTP_NOT_IMPLEMENTED, "Unknown transfer coding");
    if (verdict != FRAMING_FINE || request->is_bad_target ||
        !request_is_line_tight(request, version))
        return refuse(request, MHD_HTTP_BAD_REQUEST, "Malformed request");
    request->path = framing_path(request->path);
    return handle_head(request);
}

static enum MHD_Result drop(struct server_request *request, size_t n_bytes)
{
    request->n_dropped += n_bytes;
    if (request->n_dropped <= SERVER_DRAIN_BYTES)
        return MHD_YES;
    request_say_and_hang_up(request);
    return MHD_NO;
}

static enum MHD_Result collect(struct server_request *request, struct bytes bytes)
{
    request_body_grows(request, bytes.len);
    if (request->state == REQUEST_ANSWERED)
        return drop(request, bytes.len);
    if (buf_add(&request->body, bytes) == BUF_FULL) {
        buf_clear(&request->body);
        request_decide(request, MHD_HTTP_CONTENT_TOO_LARGE, "Payload too large");
    }
    return MHD_YES;
}

static enum MHD_Result handle_whole(struct server_request *request)
{
    request_body_ends(request);
    if (request->state == REQUEST_BODY) {
        request->state = REQUEST_HANDED;
        request->is_owed = true;
        request_call(request, request->server->options.body_fn);
    }
    if (request->state != REQUEST_HANDED)
        return send_reply(request);
    suspend(request);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **context)
{
    struct server_request *request = *context;

    (void)arg;
    (void)mhd;
    if (request->state == REQUEST_HEAD) {
        request->method = method;
        request->path = url;
        request_show_query(request);
        return judge_head(request, version);
    }
    if (*upload_size > 0) {
        struct bytes bytes = bytes_of(upload, *upload_size);

        *upload_size = 0;
        return collect(request, bytes);
    }
    return handle_whole(request);
}

void server_keep_open(struct server_request *request)
{
    connection_set_no_timer(request->connection);
}

int server_stop_accepting(struct server *server)
{
    MHD_socket fd = MHD_quiesce_daemon(server->daemon);

    server->is_draining = true;
    return fd;
}

static int wait_ms(const struct server *server)
{
    enum { LONGEST_MS = 60 * 1000 };
    int longest_ms = LONGEST_MS;
    unsigned long long mhd_ms;

    if (!list_is_empty(&server->timers.roused))
        return 0;
    if (MHD_get_timeout(server->daemon, &mhd_ms) == MHD_YES && mhd_ms < LONGEST_MS)
        longest_ms = (int)mhd_ms;
    return leave_wait_ms(server, connection_wait_ms(&server->timers, longest_ms));
}

static void reader_left(struct server_stream *stream)
{
    backlog_cut(&stream->backlog);
    request_resume(stream->request);
}

/* All but those whose request is handed on. Streams wait without a timer: there may be
 * more that are suspended than on the lists. */
static size_t n_free(const struct server *server)
{
    size_t n_timed = server->timers.deadlines.n_links + server->timers.idlers.n_links;

    return n_timed > server->n_suspended ? n_timed - server->n_suspended : 0;
}

static void turn(struct server *server)
{
    enum { MAX_EVENTS = 16 };
    struct epoll_event events[MAX_EVENTS];
    int n = epoll_wait(server->epoll_fd, events, MAX_EVENTS, wait_ms(server));

    server->timers.now_us = clock_now_us();
    server->has_handled = false;
    for (int i = 0; i < n; i++) {
        void *what = events[i].data.ptr;

        if (what == server->mailbox)
            turn_take_letters(server);
        else if (what != server->daemon)
            reader_left(what);
    }
    turn_expire(server);
    turn_cut_endless_lines(server);
    if (leave_must_cut(server))
        turn_cut_arriving(server);
    rouse_all(server);
    (void)MHD_run(server->daemon);
    if (server->has_handled && server->options.turn_fn != NULL)
        server->options.turn_fn(server->options.arg, n_free(server));
}

/* libmicrohttpd does not stop with suspended connections: they are resumed and closed. */
static void resume_all(struct server *server)
{
    for (struct list_link *link = server->live.first; link != NULL; link = link->next)
        request_resume(list_entry(link, struct server_request, link));
}

static void *run(void *arg)
{
    struct server *server = arg;

    request_claim_thread(server);
    while (!server->is_stopping && !leave_is_due(server))
        turn(server);
    if (server->is_leaving) {
        turn_refuse_rest(server);
        return NULL; /* sockets and requests stay as they are, until the process ends */
    }
    resume_all(server);
    MHD_stop_daemon(server->daemon);
    turn_take_letters(server);
    request_claim_thread(NULL);
    return NULL;
}

static struct MHD_Daemon *start_daemon(struct server *server)
{
    const struct server_options *options = &server->options;
    const bool has_tls = options->tls_cert != NULL;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->tls_key},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME |
            (has_tls ? MHD_USE_TLS : 0u),
        /* port: of the socket */ 0, NULL, NULL, on_request, server,
        MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->header_bytes + REQUEST_SLACK_BYTES,
        MHD_OPTION_CONNECTION_LIMIT, options->max_connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->max_connections_per_address,
        /* It would say a missing Host twice over, in HTML; framing refuses it. */
        MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_ARRAY, has_tls ? tls : none,
        MHD_OPTION_END);
}

/* One that does not come along is closed by libmicrohttpd. */
static void adopt(struct server *server)
{
    struct sockaddr_storage address = {0};

    server->is_adopting = true;
    for (size_t i = 0; i < server->options.n_connections; i++) {
        int fd = server->options.connections[i];
        socklen_t len = sizeof(address);

        if (getpeername(fd, (struct sockaddr *)&address, &len) < 0)
            close(fd); /* gone meanwhile */
        else
            (void)MHD_add_connection(server->daemon, fd, (struct sockaddr *)&address,
                                     len);
    }
    server->is_adopting = false;
}

int server_start_loop(struct server *server, struct err *err)
{
    server->daemon = start_daemon(server);
    if (server->daemon == NULL) {
        server->listen_fd = -1; /* it closes the socket when it fails, too */
        return err_set(err, server->options.tls_cert != NULL
                                ? NO_TLS
                                : "cannot start the HTTP server");
    }
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    assert(server->epoll_fd >= 0);
    watch(server, mailbox_fd(server->mailbox), EPOLLIN, server->mailbox);
    watch(server, MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
          EPOLLIN, server->daemon);
    adopt(server);
    if (pthread_create(&server->thread, NULL, run, server) != 0) {
        MHD_stop_daemon(server->daemon); /* closes the socket too */
        server->listen_fd = -1;
        return err_sys(err, "start a thread");
    }
    return 0;
}

int server_check_tls(const char *cert, const char *key, struct err *err)
{
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TLS | MHD_USE_NO_LISTEN_SOCKET, 0, NULL,
                         NULL, on_request, NULL, MHD_OPTION_HTTPS_MEM_CERT, cert,
                         MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_END);

    if (daemon == NULL)
        return err_set(err, NO_TLS);
    MHD_stop_daemon(daemon);
    return 0;
}
