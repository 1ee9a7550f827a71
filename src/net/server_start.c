/* SPDX-License-Identifier: MIT */

/* The life of a server, seen from the thread that owns it; the loop is in server.c. */

#include "net/server.h"

#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/listen.h"
#include "net/request.h"
#include "sys/clock.h"
#include "sys/mailbox.h"

static void server_free(struct server *server)
{
    request_free_all(server);
    reply_done(&server->late);
    mailbox_free(server->mailbox);
    if (server->epoll_fd >= 0)
        close(server->epoll_fd);
    free(server);
}

static int open_socket(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;

    if (options->listen_fd == NULL)
        return listen_open(options->host, options->port, &server->listen_fd,
                           &server->port, err);
    server->listen_fd = *options->listen_fd;
    return listen_adopt(server->listen_fd, &server->port, err);
}

int server_start(const struct server_options *options, struct server **ret_server,
                 struct err *err)
{
    struct server *server = mem_new(struct server);

    server->options = *options;
    server->listen_fd = -1;
    server->epoll_fd = -1;
    server->drain_letter.kind = LETTER_DRAIN;
    server->leave_letter.kind = LETTER_LEAVE;
    server->stop_letter.kind = LETTER_STOP;
    server->mailbox = mailbox_new(0);
    server->timers =
        (struct connection_timers){.deadline_us = options->deadline_ms * 1000,
                                   .idle_us = options->idle_ms * 1000,
                                   .now_us = clock_now_us()};
    reply_init(&server->late);
    reply_set_message(&server->late, 503, "Temporarily unavailable",
                      /* retry_after_s= */ 1);
    if (open_socket(server, err) < 0 || server_start_loop(server, err) < 0) {
        server_free(server);
        return -1;
    }
    *ret_server = server;
    return 0;
}

int server_port(const struct server *server)
{
    return server->port;
}

void server_drain(struct server *server)
{
    if (!atomic_exchange(&server->is_drained, true))
        mailbox_force(server->mailbox, &server->drain_letter.link);
}

void server_stop(struct server *server)
{
    if (server == NULL)
        return;
    mailbox_force(server->mailbox, &server->stop_letter.link);
    pthread_join(server->thread, NULL);
    server_free(server);
}
