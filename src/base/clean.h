/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * clean - a stranger's text on its way to a terminal or into a sentence: without control
 * characters, which could move the cursor or say more than is written.
 */

#include "base/buf.h"

/* Adds @text; a line end or tab becomes a blank, any other control character and what is
 * no UTF-8 a "?". */
void clean_add(struct bytes text, struct buf *ret_text);
