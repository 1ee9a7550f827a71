/* SPDX-License-Identifier: MIT */
#pragma once

/* masked - a secret on a page: dots, until somebody opens them. Works without scripts,
 * and no screenshot shows it by accident. */

#include "base/buf.h"

/* @what: "apiKey", for who cannot see the dots. */
void masked_show(struct buf *out, const char *what, struct bytes secret);
