/* SPDX-License-Identifier: MIT */
#pragma once

/* listeners - the one or two addresses that the service answers on (interface §4). */

#include "service/site.h"

struct config;
struct inherit;
struct listeners;

/* 32 KiB of settings must fit, and the library clears this much for every request. */
enum { LISTENERS_HEADER_BYTES = 44 << 10 };

/* In dev one listener serves everything, else the admin one has its own. A socket of
 * @inherit (NULL: none) takes the place of the configured address. */
must_check
int listeners_start(struct site *site, const struct config *config,
                    const struct inherit *inherit, struct listeners **ret_listeners,
                    struct err *err);
int listeners_public_port(const struct listeners *listeners);
int listeners_admin_port(const struct listeners *listeners);
/* Where both program and sockets go on in another process (net/server.h): connections
 * that cannot go along get a chance to end in time; nobody is accepted any more; waits
 * for what is under way and ends the threads. The listeners are not freed. */
void listeners_wind_down(struct listeners *listeners);
void listeners_leave(struct listeners *listeners);
void listeners_left(struct listeners *listeners, struct inherit *ret_inherit);
/* Accepts no more connections. */
void listeners_drain(struct listeners *listeners);
/* Waits at most @grace_ms for answers under way, then closes everything. */
void listeners_stop(struct listeners *listeners, int64_t grace_ms);
