/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * definition - what a destination of the catalog asks of its customers: read, changed,
 * with the rules of the Settings Builder (dossier §3.3).
 *
 *   {"slug":"demo","display_name":"Demo",
 *    "methods":{"alias":true,"group":true,"identify":true,"page_view":true,"track":true},
 *    "settings":[{"name":"apiKey","display_name":"API Key","description":"…",
 *      "type":"STRING","required":true,"sensitive":true, …validators}]}
 *
 * It is the catalog's item (dossier §7.7) with "sensitive", which the catalog does not
 * show. A setting without a name gets the one of its label (segment/label.h). `apiKey`
 * is there from the start: it stays, a required and sensitive text.
 */

#include "emulator/config/settings.h"

/* Writes the object; false when there is no such destination. */
must_check
bool definition_write(struct world *world, struct bytes slug, struct write *write);
/* Replaces what @change has of "display_name", "methods" (merged) and "settings" (all of
 * them). A setting that goes takes the customers' values with it. False: @ret_why, and
 * nothing has changed. */
must_check
bool definition_change(struct world *world, struct bytes slug, const struct json *change,
                       char ret_why[CONFIG_WHY_BYTES]);

/* The keys that are said to be sensitive, as a list; never NULL. Free it. */
must_check
struct json *definition_sensitive(struct world *world, struct bytes slug);
/* @list as of definition_sensitive; NULL: only what is so by its kind. */
must_check
bool definition_is_sensitive(const struct json *list, const struct json *setting);
/* A setting as above. */
void definition_write_setting(const struct json *setting, bool is_sensitive,
                              struct write *write);

extern const char *const definition_types[]; /* "STRING" … up to NULL */
