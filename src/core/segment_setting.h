/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_setting - a destination's settings, as we hold them (a JSON object) and as the
 * two APIs write them (dossier §7.5, §8).
 *
 * The Public API shows passwords as bullets. Bullets are no value: they are never sent
 * back, and never counted as a difference.
 */

#include "base/bytes.h"

struct json;
struct write;

/* Does this value, anywhere inside it, have a text that begins with four bullets? */
must_check
bool segment_setting_is_masked(const struct json *value);
/* Is it a secret by its name ("apiKey") or its type in the destination ("password")? */
must_check
bool segment_setting_is_secret(struct bytes name, struct bytes type);
/* The same value: members in any order, numbers as numbers. */
must_check
bool segment_setting_is_same(const struct json *a, const struct json *b);

/* What @destination, of either API, has for the setting; NULL: nothing. @ret_type: what
 * v1beta says of it ("password"), else empty. */
const struct json *segment_setting_find(const struct json *destination, struct bytes name,
                                        struct bytes *ret_type);
/* v1beta's [{"name":"…/config/apiKey","value":…}], without masks; how many there are. */
size_t segment_setting_write_list(struct bytes destination, const struct json *settings,
                                  struct write *write);
/* The Public API's {"apiKey":…}, without masks. */
void segment_setting_write_object(const struct json *settings, struct write *write);
