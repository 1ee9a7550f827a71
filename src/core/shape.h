/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * shape - JSON without its values, for those who may see how data is built but not what
 * it says (ux §3.7: the role viewer).
 *
 * Texts become "•••", numbers 0, truth values false; null, keys and the number of
 * elements stay. Members that @kept names keep what they say when it is no list and no
 * object; what is inside a member that @closed names keeps nothing, whatever its
 * members are called: payloads, headers and settings have names of strangers.
 */

#include "base/buf.h"

struct shape_rule {
    const char *const *kept, *const *closed; /* NULL-terminated */
};

/* Adds the shape of @json, which scan_json has accepted; -1 when it is no JSON: then
 * nothing is added. */
must_check
int shape_json(struct bytes json, const struct shape_rule *rule, struct buf *ret_json);
