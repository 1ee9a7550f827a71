/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * host - the runner's side of the conversation: frames in, slices of engine, frames out.
 *
 * One thread. Every entry into the engine is announced in the shared page with the
 * invocation that it belongs to, so that the service can see who is at work.
 */

#include "base/attr.h"

struct err;
struct host;
struct page;

/* Makes the engine and the runtime. @fd: the socket; @page: shared with the service. */
must_check
struct host *host_new(int fd, struct page *page, struct err *err);
/* Says READY with the sandbox's layers. */
void host_say_ready(struct host *host, unsigned layers);
/* Says READY with the reason why there will be no host. */
void host_say_failed(int fd, const char *why);
/* Until the service closes the socket, or what it says makes no sense. */
void host_run(struct host *host);
