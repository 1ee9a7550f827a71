/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * accept - what a client would rather read, from its Accept header (RFC 9110 §12.5.1).
 */

#include "base/bytes.h"

enum { ACCEPT_QUALITY_MAX = 1000 };

/*
 * How much it wants @type ("text/html"), in thousandths: by the range that names it best,
 * be it itself, "text/" with a star or all. 0: not at all. An empty header wants all
 * alike. Quality values that cannot be read count as 1000.
 */
must_check
int accept_quality(struct bytes header, struct bytes type);
