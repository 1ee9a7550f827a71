/* SPDX-License-Identifier: MIT */

/*
 * A server leaves its sockets to the program that comes next.
 *
 * A connection between two requests is a socket and nothing more, if not a byte of the
 * next request has been read: that one goes along, and its client notices nothing. Bytes
 * that have been read are in libmicrohttpd's memory, which does not show them; so the
 * kernel's count of what was read is compared with the lengths of all requests that have
 * ended.
 */

#include "base/mem.h"
#include "net/request.h"
#include "sys/clock.h"
#include "sys/mailbox.h"

void server_wind_down(struct server *server)
{
    atomic_store(&server->is_winding_down, true);
}

void server_leave(struct server *server)
{
    if (!atomic_exchange(&server->is_drained, true))
        mailbox_force(server->mailbox, &server->leave_letter.link);
}

void leave_begin(struct server *server)
{
    int64_t now_us = clock_now_us();

    server->is_leaving = true;
    server->half_read_until_us = now_us + SERVER_HALF_READ_MS * INT64_C(1000);
    server->arriving_until_us = now_us + SERVER_ARRIVE_MS * INT64_C(1000);
    server->leave_until_us = now_us + SERVER_LEAVE_MS * INT64_C(1000);
}

/* A request is on its way that the loop does not know of yet. With TLS its connection
 * cannot go along, so who has just come may still shake hands and get a first answer. */
static bool is_arriving(const struct server *server, const struct connection *connection)
{
    int64_t now_us = server->timers.now_us;

    if (connection->request != NULL || connection->is_last)
        return false;
    if (connection->has_tls && connection->n_settled == 0)
        return now_us < connection->due_us - server->timers.deadline_us +
                            SERVER_ARRIVE_MS * INT64_C(1000);
    return now_us < server->half_read_until_us && !connection_is_between(connection);
}

static bool has_arriving(const struct server *server, const struct list *list)
{
    for (struct list_link *link = list->first; link != NULL; link = link->next) {
        if (is_arriving(server, list_entry(link, struct connection, link)))
            return true;
    }
    return false;
}

bool leave_is_due(struct server *server)
{
    const struct connection_timers *timers = &server->timers;

    if (!server->is_leaving)
        return false;
    server->timers.now_us = clock_now_us();
    if (timers->now_us >= server->leave_until_us)
        return true;
    return atomic_load(&server->n_open) == 0 && !has_arriving(server, &timers->idlers) &&
           !has_arriving(server, &timers->deadlines);
}

bool leave_must_cut(const struct server *server)
{
    return server->is_leaving && !server->has_cut &&
           server->timers.now_us >= server->arriving_until_us;
}

int leave_wait_ms(const struct server *server, int longest_ms)
{
    enum { STEP_MS = 20 }; /* only for the bounds: all else wakes the loop by itself */

    return server->is_leaving && longest_ms > STEP_MS ? STEP_MS : longest_ms;
}

static void take_along(const struct list *list, struct server_left *left)
{
    for (struct list_link *link = list->first; link != NULL; link = link->next) {
        const struct connection *connection = list_entry(link, struct connection, link);

        if (!connection->has_tls && connection_is_between(connection))
            left->connections[left->n_connections++] = connection->fd;
    }
}

void server_left(struct server *server, struct server_left *ret_left)
{
    const struct connection_timers *timers = &server->timers;

    pthread_join(server->thread, NULL);
    *ret_left = (struct server_left){.listen_fd = server->listen_fd,
                                     .n_cut = atomic_load(&server->n_open)};
    ret_left->connections =
        mem_zero((timers->idlers.n_links + timers->deadlines.n_links + 1) * sizeof(int));
    take_along(&timers->idlers, ret_left);
    take_along(&timers->deadlines, ret_left);
}
