/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * mask - the update masks of the Config API, with their oddities (dossier §7.2).
 *
 * A field changes only when the mask names it: data without path has no effect, a path
 * without data sets the zero value, no mask changes nothing and is no error. Paths may
 * carry the resource's prefix or not ("destination.enabled" is "enabled"), and be written
 * in camelCase ("connectionMode" is "connection_mode").
 */

#include "base/bytes.h"

struct json;

enum { MASK_MAX_PATHS = 32, MASK_PATH_BYTES = 64 };

enum mask_verdict {
    MASK_MALFORMED = 0, /* no list of texts, or too many or too long: 400 code 3 */
    MASK_UNKNOWN,       /* a path that the resource does not have: 400 code 3 */
    MASK_GOOD,          /* an empty or absent mask too */
};

struct mask {
    char paths[MASK_MAX_PATHS][MASK_PATH_BYTES]; /* normalised: snake_case, no prefix */
    size_t n_paths; /* 0 unless the verdict is GOOD; a path sent twice counts twice */
    char wrong[MASK_PATH_BYTES]; /* the path that was UNKNOWN, as sent up to a NUL */
};

/*
 * Reads @body's "update_mask" ("updateMask"), or the one nested in the resource, which is
 * the member @prefix ("destination") of @body. Its form: {"paths":["a","b"]}, a list, or
 * one text "a,b"; empty paths are skipped. @fields are the known paths without prefix, in
 * snake_case, NULL-terminated; one that ends in ".*" takes any path below it, but not
 * itself ("labels.*" takes "labels.a"; its part below is made snake_case too). @body may
 * be NULL or no object: no mask.
 */
must_check
enum mask_verdict mask_read(const struct json *body, const char *prefix,
                            const char *const *fields, struct mask *ret_mask);
must_check
bool mask_has(const struct mask *mask, const char *field);
