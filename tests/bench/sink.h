/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sink - endpoints on ports of 127.0.0.1, in the loop of whoever has them.
 *
 * Each port has a behaviour that may change at any time: it answers 200 at once
 * ("answer") or after so many ms ("delay=5"), never ("hang"), 503 to so many of a hundred
 * ("fail=30"); two are lies, for tests of what counts: 200 and nothing was taken
 * ("drop=1" of a hundred), and 200 for two that came as one ("repeat=1").
 *
 * One request at a time on a connection, of at most SINK_BYTES; what is longer or has no
 * Content-Length where it has a body is hung up on. The loop is the owner's: what it
 * registers has a struct sink_source first, which is passed back to sink_serve().
 */

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

enum { SINK_PORTS = 256, SINK_BYTES = 65536 };

/* Called for each whole request. */
typedef void sink_fn(void *arg, const char *body, size_t len, bool is_taken);

struct sink;

struct sink *sink_new(int poller, sink_fn *arrived_fn, void *arg);
void sink_free(struct sink *sink);
/* "8081=delay=5": a new port, or another behaviour of one. False: it said why. */
bool sink_set(struct sink *sink, const char *text);
/* Of the @lane-th port, in the order in which they came. */
enum ledger_kind sink_kind(const struct sink *sink, uint64_t lane);
unsigned sink_n_ports(const struct sink *sink);
/* Serves an event of epoll if it is one of the sink's. */
bool sink_serve(struct sink *sink, void *source, uint32_t events);
/* Answers what has waited long enough; returns when the next is due, INT64_MAX: none. */
int64_t sink_answer_due(struct sink *sink, int64_t now_us);
