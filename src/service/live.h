/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * live - which deliveries are being made right now.
 *
 * The store does not know `running` (that would cost a write for every attempt), so who
 * shows states lays this over what it read. Thread-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/delivery.h"

struct live;

must_check
struct live *live_new(void);
void live_free(struct live *live);
void live_add(struct live *live, int64_t delivery_row);
void live_remove(struct live *live, int64_t delivery_row);
/* RUNNING when it is being made, else @stored. @live is a void pointer so that it fits
 * reader_find's callback. */
enum delivery_state live_state(void *live, int64_t delivery_row,
                               enum delivery_state stored);
