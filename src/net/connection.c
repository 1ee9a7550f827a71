/* SPDX-License-Identifier: MIT */

#include "net/connection.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/reply.h"

/* An answer that does not fit is not worth saying to somebody who is being cut off. */
enum { MAX_SAID_BYTES = 1 << 20 };

static void read_v6(struct connection *connection, const struct in6_addr *address)
{
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(address);
    const uint8_t *octets = address->s6_addr;

    connection->is_loopback =
        is_mapped ? octets[12] == IN_LOOPBACKNET : IN6_IS_ADDR_LOOPBACK(address) != 0;
    if (is_mapped)
        inet_ntop(AF_INET, octets + 12, connection->peer, sizeof(connection->peer));
    else
        inet_ntop(AF_INET6, octets, connection->peer, sizeof(connection->peer));
}

static void read_peer(struct connection *connection, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof(v4));
        connection->is_loopback = ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
        inet_ntop(AF_INET, &v4.sin_addr, connection->peer, sizeof(connection->peer));
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof(v6));
        read_v6(connection, &v6.sin6_addr);
    }
}

struct connection *connection_new(struct connection_timers *timers, int fd,
                                  const struct sockaddr *address)
{
    struct connection *connection = mem_new(struct connection);

    connection->timers = timers;
    connection->fd = fd;
    read_peer(connection, address);
    connection_set_deadline(connection);
    return connection;
}

void connection_free(struct connection *connection)
{
    if (connection == NULL)
        return;
    connection_set_no_timer(connection);
    if (connection->is_roused)
        list_remove(&connection->timers->roused, &connection->roused_link);
    free(connection);
}

void connection_set_no_timer(struct connection *connection)
{
    if (connection->timer != NULL)
        list_remove(connection->timer, &connection->link);
    connection->timer = NULL;
}

static void set_timer(struct connection *connection, struct list *list, int64_t wait_us)
{
    connection_set_no_timer(connection);
    connection->due_us = connection->timers->now_us + wait_us;
    connection->timer = list;
    list_push(list, &connection->link);
}

void connection_set_deadline(struct connection *connection)
{
    struct connection_timers *timers = connection->timers;

    set_timer(connection, &timers->deadlines, timers->deadline_us);
}

void connection_set_idle(struct connection *connection)
{
    struct connection_timers *timers = connection->timers;

    set_timer(connection, &timers->idlers, timers->idle_us);
}

void connection_rouse(struct connection *connection)
{
    if (connection->is_roused)
        return;
    connection->is_roused = true;
    list_push(&connection->timers->roused, &connection->roused_link);
}

struct connection *connection_next_roused(struct connection_timers *timers)
{
    struct list_link *link = list_pop(&timers->roused);

    if (link == NULL)
        return NULL;
    struct connection *connection = list_entry(link, struct connection, roused_link);
    connection->is_roused = false;
    return connection;
}

void connection_hang_up(struct connection *connection)
{
    connection_set_no_timer(connection);
    (void)shutdown(connection->fd, SHUT_RDWR);
    connection_rouse(connection);
}

void connection_say_and_hang_up(struct connection *connection, const struct reply *reply,
                                const char *reason)
{
    struct buf text;

    if (!connection->has_tls) {
        buf_init(&text, MAX_SAID_BYTES);
        reply_format(reply, reason, &text);
        if (!text.full)
            (void)send(connection->fd, text.ptr, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        buf_done(&text);
    }
    connection_hang_up(connection);
}

/* UINT64_MAX: the kernel does not say. */
static uint64_t n_received(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(uint64_t))
        return UINT64_MAX;
    return info.tcpi_bytes_received;
}

/* More may come between the two questions. Nobody reads meanwhile, so the sender has to
 * stop when the socket's buffer is full. */
uint64_t connection_n_read(int fd)
{
    uint64_t received = n_received(fd);
    uint64_t before;
    int n_unread;

    do {
        before = received;
        n_unread = 0;
        if (before == UINT64_MAX || ioctl(fd, SIOCINQ, &n_unread) < 0)
            return UINT64_MAX;
        received = n_received(fd);
    } while (received != before);
    return received - (unsigned)n_unread;
}

bool connection_has_unread(int fd)
{
    int n_unread = 0;

    return ioctl(fd, SIOCINQ, &n_unread) == 0 && n_unread > 0;
}

bool connection_is_between(const struct connection *connection)
{
    if (connection->request != NULL || connection->is_last)
        return false;
    if (connection->has_tls)
        return connection->n_settled > 0 &&
               n_received(connection->fd) == connection->n_settled;
    return connection_n_read(connection->fd) == connection->n_settled;
}

struct connection *connection_first_due(const struct connection_timers *timers,
                                        const struct list *list)
{
    if (list_is_empty(list))
        return NULL;
    struct connection *connection = list_entry(list->first, struct connection, link);
    return connection->due_us <= timers->now_us ? connection : NULL;
}

static int64_t shorter(const struct list *list, int64_t now_us, int64_t wait_us)
{
    if (list_is_empty(list))
        return wait_us;
    int64_t left_us = list_entry(list->first, struct connection, link)->due_us - now_us;
    if (left_us < 0)
        left_us = 0;
    return left_us < wait_us ? left_us : wait_us;
}

int connection_wait_ms(const struct connection_timers *timers, int longest_ms)
{
    int64_t wait_us = longest_ms * INT64_C(1000);

    wait_us = shorter(&timers->deadlines, timers->now_us, wait_us);
    wait_us = shorter(&timers->idlers, timers->now_us, wait_us);
    /* Up, or the loop would turn idly for the rest of the last millisecond. */
    return (int)((wait_us + 999) / 1000);
}
