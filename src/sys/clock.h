/* SPDX-License-Identifier: MIT */
#pragma once

/* clock - the only place that asks the kernel what time it is. Thread-safe. */

#include <stdint.h>

/* Monotonic milliseconds, for durations and time-outs. Never goes back. */
int64_t clock_now_ms(void);
int64_t clock_now_us(void);
/* Milliseconds since 1970 UTC: what people and partners see, and schedules that outlive
 * the process. May jump. */
int64_t clock_wall_ms(void);
