/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * follower - the wall clock goes with the local Segment's (PARTNERAPP_CLOCK_URL).
 *
 * `partnerapp dev` and what runs in `partnerapp emulator exec` then see hours pass when a
 * test moves that clock: retries come due, things expire. A thread asks four times a
 * second; small differences, which are only the way of the answer, change nothing, so
 * time goes evenly. When nobody answers any more, time goes on at its usual pace.
 */

#include "base/attr.h"

struct follower;

/* Asks once, blocking for a second at most; the wall time is followed from now on,
 * whether there was an answer or not: it never changes its kind under a schedule. */
must_check
struct follower *follower_new(const char *url);
/* Starts the thread, which calls @fn after each change. */
void follower_start(struct follower *follower, void (*fn)(void *arg), void *arg);
/* Ends the thread: @fn is not called any more. NULL and twice are fine. */
void follower_stop(struct follower *follower);
void follower_free(struct follower *follower); /* the kernel's time again; NULL is fine */
