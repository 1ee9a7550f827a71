/* SPDX-License-Identifier: MIT */
#pragma once

/* rand - random bits from the kernel. Thread-safe; never fails (aborts). */

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *ret_bytes, size_t len);
uint64_t rand_u64(void);
/* Cheap bits for jitter, from a per-thread generator seeded by the kernel; not for keys.
 */
uint32_t rand_jitter(void);
