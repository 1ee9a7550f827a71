/* SPDX-License-Identifier: MIT */
#pragma once

/* attempt_list - all attempts of one delivery, each call with both sides (dossier §10.5).
 */

#include "base/buf.h"

struct json;

/* @attempts: of deliveries_write. */
void attempt_list_show(struct buf *out, const struct json *attempts);
