/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * safe_parts - what of a message between us and Segment may be shown: for people who
 * want to see how the exchange works, and may not see what it is worth.
 *
 * Not "everything but the secrets": what a member means is known for some, and for all
 * others it is not, so a text is shown only where its member is one of those known to be
 * harmless; every other becomes "••••". Numbers and booleans stay, but for what lies in
 * settings, where anything may be a customer's.
 */

#include "json/write.h"

struct redact;

enum { SAFE_PARTS_BYTES = 4096 }; /* of what is shown */

/* Writes @text, JSON; null when it is none, or too large. */
void safe_parts_json(struct write *json, struct bytes text, const struct redact *redact);
/* Writes a string: a form or a query with the values that may be shown, and "••••". */
void safe_parts_form(struct write *json, struct bytes form, const struct redact *redact);
