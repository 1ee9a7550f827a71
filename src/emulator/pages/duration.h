/* SPDX-License-Identifier: MIT */
#pragma once

/* duration - how long something took, on a page: "12.3 ms". */

#include "base/buf.h"

void duration_show(struct buf *out, int64_t duration_us);
