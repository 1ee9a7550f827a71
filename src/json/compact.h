/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * compact - JSON text without the white space between its parts; every key, string and
 * number stays as it was sent (json's other printer, segment/canonical, rewrites them).
 */

#include "base/buf.h"

/* Adds @text, a value that scan_json has accepted; a leading byte order mark goes as
 * well. BUF_FULL, and a part of it added, when it does not fit. */
int compact_print(struct bytes text, struct buf *ret_text);
