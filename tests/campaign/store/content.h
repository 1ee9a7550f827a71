/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * content - an event's bytes, made from its number: the ledger need not keep them.
 *
 * Events with one number are the same event sent again: same messageId, same bytes.
 */

#include "base/buf.h"

enum { CONTENT_MAX_BYTES = 48 << 10 };

/* 0 … LEDGER_USERS - 1 */
unsigned content_user(unsigned number);
/* @ret_text is cleared first. */
void content_make(unsigned number, struct buf *ret_text);
/* 16 bytes. */
void content_mark(unsigned number, uint8_t ret_mark[16]);
