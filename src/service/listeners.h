/* SPDX-License-Identifier: MIT */
#pragma once

/* listeners - the one or two addresses that the service answers on (interface §4). */

#include "service/site.h"

struct config;
struct listeners;

/* In dev one listener serves everything, else the admin one has its own. */
must_check
int listeners_start(struct site *site, const struct config *config,
                    struct listeners **ret_listeners, struct err *err);
int listeners_public_port(const struct listeners *listeners);
int listeners_admin_port(const struct listeners *listeners);
/* Accepts no more connections. */
void listeners_drain(struct listeners *listeners);
/* Waits at most @grace_ms for answers under way, then closes everything. */
void listeners_stop(struct listeners *listeners, int64_t grace_ms);
