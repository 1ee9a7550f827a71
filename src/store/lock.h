/* SPDX-License-Identifier: MIT */
#pragma once

/* lock - one writer per store: a file beside it, locked, with the holder's pid inside. */

#include "base/attr.h"

struct err;

/* ERR_CONFLICT, PA6001 when another holds it. Held until the descriptor is closed; the
 * kernel lets go of it when the process dies, however it dies. */
must_check
int lock_take(const char *store_path, int *ret_fd, struct err *err);
