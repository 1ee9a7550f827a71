/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * clock - the only place that asks the kernel what time it is. Thread-safe.
 *
 * The wall time may be made to follow another clock (the local Segment's, which a test
 * moves and stops): what people see, schedules and expiry then go with that. Monotonic
 * time never does, so time-outs of requests stay real.
 */

#include <stdbool.h>
#include <stdint.h>

struct virtual_clock;

/* Monotonic milliseconds, for durations and time-outs. Never goes back. */
int64_t clock_now_ms(void);
int64_t clock_now_us(void);
/* Milliseconds since 1970 UTC: what people and partners see, and schedules that outlive
 * the process. May jump. */
int64_t clock_wall_ms(void);

/* From now on the wall time is a reading of this one (copied); NULL: the kernel's. */
void clock_follow(const struct virtual_clock *clock);
bool clock_is_followed(void);
/* How long to wait really until @wait_ms of wall time have passed; -1: never, as things
 * are. */
int64_t clock_real_wait_ms(int64_t wait_ms);
