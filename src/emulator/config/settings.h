/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_settings - a destination's settings, as its catalog item defines them (dossier
 * §7.5, §7.7).
 *
 * What is stored is only what was set, {"apiKey":"…"}; what is shown are all settings of
 * the item, in its order. A text "" and an unset setting are the same to a validator: an
 * optional one may be emptied. Shared by the Config API, which writes them as a list, and
 * the Public API, which writes them as an object.
 */

#include "base/bytes.h"

struct buf;
struct json;
struct world;
struct write;

enum { CONFIG_WHY_BYTES = 256, CONFIG_SETTINGS_HEADER_BYTES = 8192 };

/* The catalog's item; @kind "destinations" or "sources". NULL: none. Free it. */
must_check
struct json *config_settings_item(struct world *world, const char *kind,
                                  struct bytes slug);
/* The definition of a setting; NULL: the item has none of that name. */
const struct json *config_settings_find(const struct json *item, struct bytes key);

/* Sets one in @values ("true" and "false" are booleans where one is wanted; null unsets).
 * False: @ret_why says what is wrong with it, for people. */
must_check
bool config_settings_set(const struct json *item, struct json *values, struct bytes key,
                         const struct json *value, char ret_why[CONFIG_WHY_BYTES]);
/* A list of {"name":"<destination>/config/<key>","value":…}: those that it names are set,
 * the last of two with one name wins, the others stay. */
must_check
bool config_settings_merge(const struct json *item, struct json *values,
                           struct bytes destination, const struct json *list,
                           char ret_why[CONFIG_WHY_BYTES]);
/* Are all required ones there? */
must_check
bool config_settings_are_complete(const struct json *item, const struct json *values,
                                  char ret_why[CONFIG_WHY_BYTES]);
/* Do they fit into X-Segment-Settings (dossier §3.3)? Asked when they are saved: at a
 * delivery it would be too late. @slug: ways out of the catalog's own have no header. */
must_check
bool config_settings_fit(struct bytes slug, const struct json *values,
                         char ret_why[CONFIG_WHY_BYTES]);
/* The header's length for a JSON object's text. */
must_check
size_t config_settings_header_len(struct bytes json);

/* The text that is stored: without what has been unset. */
void config_settings_print(const struct json *values, struct buf *ret_text);
/* Replaces the values of sensitive settings, apiKey and passwords, by a mask. */
void config_settings_redact(const struct json *item, struct json *values);
/* The list of the Config API. @item NULL: an empty one. */
void config_settings_write_list(const struct json *item, const struct json *values,
                                struct bytes destination, struct write *write);
/* The zero value of a setting's type, as JSON text: "\"\"", "false" … */
const char *config_settings_zero(const struct json *setting);
