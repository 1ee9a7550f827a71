/* SPDX-License-Identifier: MIT */

/* What a turn of the loop does beside libmicrohttpd: letters, and time that is up. */

#include <sys/socket.h>
#include <unistd.h>

#include "net/request.h"
#include "sys/mailbox.h"

static void take_answer(struct server_request *request)
{
    request->is_owed = false;
    if (request->state == REQUEST_HANDED) {
        request->state = REQUEST_ANSWERED;
        request_resume(request);
        return;
    }
    /* Too late: 503 was said. */
    struct server_stream *stream = request->stream;
    request->stream = NULL;
    if (stream != NULL)
        stream_close(stream);
    request_settle(request);
}

static void take_again(struct server_request *request)
{
    request->letter.kind = LETTER_ANSWER;
    if (request->state != REQUEST_HANDED) { /* 503 was said */
        request->is_owed = false;
        request_settle(request);
        return;
    }
    request_call(request, request->server->options.body_fn);
    if (request->state == REQUEST_ANSWERED)
        request_resume(request);
}

static void take_stream(struct server_stream *stream)
{
    enum backlog_state state = backlog_look(&stream->backlog);
    struct server_request *request = stream->request;

    if (request == NULL) {
        backlog_done(&stream->backlog);
        free(stream);
        return;
    }
    if (request->state != REQUEST_SENDING)
        return;
    if (request->is_suspended)
        request_resume(request);
    else if (state == BACKLOG_CUT)
        connection_hang_up(request->connection);
}

static void drain(struct server *server)
{
    int fd = server_stop_accepting(server);

    if (fd >= 0)
        close(fd);
    server->listen_fd = -1;
}

/* Who connects from now on waits in the kernel for the next program. */
static void leave(struct server *server)
{
    (void)server_stop_accepting(server);
    leave_begin(server);
}

static void take_letter(struct server *server, struct letter *letter)
{
    switch (letter->kind) {
    case LETTER_ANSWER:
        take_answer(container_of(letter, struct server_request, letter));
        return;
    case LETTER_AGAIN:
        take_again(container_of(letter, struct server_request, letter));
        return;
    case LETTER_STREAM:
        take_stream(container_of(letter, struct server_stream, letter));
        return;
    case LETTER_DRAIN:
        drain(server);
        return;
    case LETTER_LEAVE:
        leave(server);
        return;
    case LETTER_STOP:
        server->is_stopping = true;
        return;
    }
}

void turn_take_letters(struct server *server)
{
    struct list letters = {0};
    struct list_link *link;

    mailbox_take(server->mailbox, &letters);
    while ((link = list_pop(&letters)) != NULL)
        take_letter(server, list_entry(link, struct letter, link));
}

static void miss_deadline(struct connection *connection)
{
    struct server_request *request = connection->request;

    if (request == NULL) {
        connection_hang_up(connection); /* not even a request line */
        return;
    }
    if (request->state == REQUEST_HANDED) {
        connection_set_no_timer(connection);
        request->state = REQUEST_LATE;
        request_resume(request);
        return;
    }
    if (request->state != REQUEST_ANSWERED)
        request_decide(request, 408, "Request took too long");
    request_say_and_hang_up(request);
}

void turn_expire(struct server *server)
{
    struct connection_timers *timers = &server->timers;
    struct connection *connection;

    while ((connection = connection_first_due(timers, &timers->deadlines)) != NULL)
        miss_deadline(connection);
    while ((connection = connection_first_due(timers, &timers->idlers)) != NULL)
        connection_hang_up(connection);
}

void turn_cut_arriving(struct server *server)
{
    struct list_link *next;

    for (struct list_link *link = server->live.first; link != NULL; link = next) {
        struct server_request *request = list_entry(link, struct server_request, link);

        next = link->next;
        if (request->connection == NULL ||
            (request->state != REQUEST_HEAD && request->state != REQUEST_BODY))
            continue;
        request_decide(request, 503, "Temporarily unavailable");
        request_say_and_hang_up(request);
    }
    server->has_cut = true;
}

void turn_cut_endless_lines(struct server *server)
{
    enum { LOOK_US = 100 * 1000 };
    struct list_link *next;

    if (server->n_chunked == 0 || server->timers.now_us < server->next_look_us)
        return;
    server->next_look_us = server->timers.now_us + LOOK_US;
    for (struct list_link *link = server->live.first; link != NULL; link = next) {
        struct server_request *request = list_entry(link, struct server_request, link);

        next = link->next;
        if (request->connection == NULL || !request_has_endless_line(request))
            continue;
        request_body_ends(request);
        if (request->state != REQUEST_ANSWERED)
            request_decide(request, 400, "Malformed request");
        request_say_and_hang_up(request);
    }
}

/* The handlers still have their requests and answers: what is said is the server's own.
 */
void turn_refuse_rest(struct server *server)
{
    for (struct list_link *link = server->live.first; link != NULL; link = link->next) {
        const struct server_request *request =
            list_entry(link, struct server_request, link);

        if (request->connection != NULL && request->state != REQUEST_SENDING)
            connection_say_and_hang_up(request->connection, &server->late,
                                       "Service Unavailable");
    }
}
