/* SPDX-License-Identifier: MIT */
#pragma once

/* target_parts - what target.c and target_json.c share: pieces of a target out of JSON.
 */

#include "emulator/delivery/target.h"

enum {
    TARGET_SETTINGS_ENCODED = 8192, /* of X-Segment-Settings (dossier §3.3) */
    TARGET_CONTEXT_ENCODED = 3583,  /* of X-Amz-Client-Context (dossier §5.4) */
};

/* Reads the members of target_of_json; is not checked yet. */
must_check
int target_read(const struct json *json, struct arena *arena, struct target *ret_target,
                struct err *err);
/* apiKey becomes the key, all others the settings; NULL: none. */
must_check
int target_read_settings(const struct json *settings, struct arena *arena,
                         struct target *target, struct err *err);
/* A list of {"hook","headers"}; more than five are refused. */
must_check
int target_read_hooks(const struct json *hooks, struct arena *arena,
                      struct target *target, struct err *err);
/* Of a target that has one hook; headers may be NULL. */
must_check
int target_read_hook(struct bytes url, const struct json *headers, struct arena *arena,
                     struct target *target, struct err *err);
/* A member that is text, or is not there; copied. */
must_check
int target_read_text(const struct json *json, const char *name, struct arena *arena,
                     struct bytes *ret_text, struct err *err);
/* The JSON text of an object, empty when it has no members or is NULL. */
must_check
int target_read_object(const struct json *json, const char *name, struct arena *arena,
                       struct bytes *ret_text, struct err *err);
/* Fills in what follows from the rest, and judges the whole. */
must_check
int target_finish(struct target *target, struct arena *arena, struct err *err);
