/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * filter_path - where in an event: names with dots between them, "properties.plan"
 * (dossier §7.6).
 *
 * A backslash takes the character after it literally: "properties.a\.b" is the member
 * "a.b". Names match exactly; lists cannot be entered. Paths are kept as written and read
 * name by name.
 */

#include "json/scan.h"

enum { FILTER_PATH_MAX_NAMES = 16 };

/* 1 to FILTER_PATH_MAX_NAMES names, none empty, UTF-8, no backslash at the end. */
must_check
bool filter_path_is(struct bytes path);
/* Takes the first name, as written, and the dot after it. */
struct bytes filter_path_take(struct bytes *path);
/* Does a name as written mean this key (its inside)? */
must_check
bool filter_path_means(struct bytes name, struct bytes key);
/* @event: JSON text that scan_json has accepted; an empty path leads to all of it. False
 * when the path leads nowhere. Of a key that comes twice the last counts. */
must_check
bool filter_path_find(struct bytes event, struct bytes path, struct scan_span *ret_found);
