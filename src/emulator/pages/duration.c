/* SPDX-License-Identifier: MIT */

#include "emulator/pages/duration.h"

#include "base/html.h"

void duration_show(struct buf *out, int64_t duration_us)
{
    const int64_t tenths = (duration_us + 50) / 100;

    html_addf(out, "%l.%l ms", tenths / 10, tenths % 10);
}
