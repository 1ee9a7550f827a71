/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * install_steps - what was said between us and Segment about an install, kept to be
 * looked at: the last STORE_STEPS of each, as JSON that has no secret in it.
 */

#include "base/arena.h"
#include "store/store.h"

struct reader;

enum { STORE_STEPS = 50 };

/* Inside a transaction. @lines: objects, each with a line feed behind it. */
must_check
int store_add_install_steps(struct store *store, int64_t number, struct bytes lines,
                            struct err *err);
/* With the install of this row. */
must_check
int store_forget_install_steps(struct store *store, int64_t install_row, struct err *err);
/* Adds them joined by ",", the newest first. */
must_check
int reader_install_steps(struct reader *reader, int64_t number, struct buf *ret_steps,
                         struct err *err);
