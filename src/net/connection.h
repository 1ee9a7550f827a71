/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * connection - a TCP connection that came in, and how long it may take.
 *
 * While the loop waits for something from outside, a connection is on one of two lists,
 * and is closed when it has been there too long. All on one list wait equally long, so
 * the first is always the next that is due. Only the loop's thread knows connections.
 */

#include <netinet/in.h>
#include <stdint.h>

#include "base/list.h"

struct MHD_Connection;
struct reply;
struct server;
struct server_request;

struct connection_timers {
    int64_t deadline_us; /* how long */
    int64_t idle_us;
    int64_t now_us;        /* of this turn */
    struct list deadlines; /* whose request must be whole and answered */
    struct list idlers;    /* between requests, or taking an answer */
    struct list roused;    /* since libmicrohttpd ran */
};

struct connection {
    struct list_link link;
    struct list *timer; /* the list it is on, or NULL */
    struct list_link roused_link;
    bool is_roused; /* on the list */
    int64_t due_us;
    struct connection_timers *timers;
    struct MHD_Connection *mhd;
    struct server_request *request; /* NULL: between requests */
    int fd;                         /* libmicrohttpd's */
    bool has_tls;
    bool is_loopback;
    bool is_last;                /* its last answer has been said: it closes */
    uint64_t n_settled;          /* bytes of requests that have ended; with TLS all that
                                    had been read then, 0: none has had an answer */
    char peer[INET6_ADDRSTRLEN]; /* IPv4 in IPv6 is written as IPv4 */
};

/* Its deadline runs from now. */
must_check
struct connection *connection_new(struct connection_timers *timers, int fd,
                                  const struct sockaddr *address);
void connection_free(struct connection *connection);
/* One of these is in force at a time. */
void connection_set_deadline(struct connection *connection);
void connection_set_idle(struct connection *connection);
void connection_set_no_timer(struct connection *connection);
/* libmicrohttpd is to look at it the next time it runs, wherever it has lost it, and to
 * close it a second later if it has not before. */
void connection_rouse(struct connection *connection);
/* Takes one of those, or NULL. */
struct connection *connection_next_roused(struct connection_timers *timers);
/* libmicrohttpd notices on its next look at the socket, and closes it. */
void connection_hang_up(struct connection *connection);
/* Writes an answer past libmicrohttpd, to a request that is still coming in, and hangs
 * up. Inside TLS it only hangs up. */
void connection_say_and_hang_up(struct connection *connection, const struct reply *reply,
                                const char *reason);
/* Bytes that have been read from @fd in its whole life, by whichever process; UINT64_MAX
 * when the kernel does not say. */
uint64_t connection_n_read(int fd);
/* Something has come that nobody has read. */
must_check
bool connection_has_unread(int fd);
/* Between two requests, and nothing of the next has been read; with TLS, where bytes are
 * not requests, nothing has come. */
must_check
bool connection_is_between(const struct connection *connection);
/* The first of @list (deadlines or idlers) whose time is up, or NULL. */
struct connection *connection_first_due(const struct connection_timers *timers,
                                        const struct list *list);
/* How long until the first is due, at most @longest_ms. */
int connection_wait_ms(const struct connection_timers *timers, int longest_ms);
