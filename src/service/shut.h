/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * shut - the addresses of a service whose store cannot be opened yet.
 *
 * On a full disk even the log's index may not get its blocks, and another program may
 * have locked the file. A service that ended then would be started again and again until
 * its manager gives up, and stay down when all is well. So somebody answers: 503 with a
 * Retry-After, at which Segment comes again; only /livez says 200.
 *
 * Main thread only.
 */

#include <stdbool.h>

#include "base/attr.h"

struct config;
struct err;
struct inherit;
struct shut;

/* A start that failed with @code may succeed by itself: PA6004, PA6007. */
bool shut_may_pass(const char *code);
/* @code: why, as above. The listening sockets of @inherit stay the caller's, for the
 * service that is started later; the connections are taken: who has one wants an answer,
 * too. */
must_check
int shut_start(const struct config *config, const char *data, const char *code,
               struct inherit *inherit, struct shut **ret_shut, struct err *err);
/* The store may be opened now, if not yet take events: what waits in it is delivered, and
 * what is old goes. When that fails all the same, shut again. */
bool shut_has_room(const struct shut *shut);
/* Closes the doors; their addresses are free. NULL is fine. */
void shut_stop(struct shut *shut);
