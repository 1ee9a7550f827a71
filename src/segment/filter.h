/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * filter - destination filters: the condition language (FQL) and the four actions
 * (dossier §7.6). Conditions are read in filter_parse.c and worked out in filter.c; the
 * actions are in filter_action.c.
 *
 *   expr  := and ("or" and)*          and := not ("and" not)*      not := "!" not | cmp
 *   cmp   := value (("="|"!="|">"|">="|"<"|"<=") value)?
 *   value := "all" | "null" | true | false | number | "text" | path | call | "(" expr ")"
 *   call  := contains(s, sub) | match(s, glob) | length(x) | lowercase(s) | typeof(x)
 *   path  := name ("." name)*, a name may be quoted with backslashes: properties.a\.b
 *
 * Keywords and functions in any case. Texts and numbers are JSON's. A path that leads
 * nowhere is null; it may not begin with a digit or '-' unless quoted (\1st).
 *
 * Numbers compare as numbers, texts as texts by code point, null equals null; different
 * kinds are never equal and never ordered, lists and objects not even with themselves.
 * "!=" is what "=" is not. What is true: true, and nothing else.
 *
 * contains and match are false unless both are texts. match: '*' any run, '?' one
 * character, whole text. length: a text's characters, a list's elements, else null.
 * lowercase: Latin, Greek and Cyrillic letters of a text, else null. typeof: "null",
 * "boolean", "number", "string", "array", "object".
 */

#include "base/arena.h"
#include "base/buf.h"

struct filter_expr; /* parsed; lives in the arena given, and needs @text no more */

enum { FILTER_MAX_BYTES = 5000, FILTER_MAX_DEPTH = 50 };

/*
 * NULL when it is no condition: @ret_why then says what was expected and at which byte
 * ("expected a value at 12"). An empty text or "all" is always true.
 */
must_check
struct filter_expr *filter_parse(struct bytes text, struct arena *arena,
                                 char ret_why[128]);
/* @event: JSON text that scan_json has accepted. */
must_check
bool filter_holds(const struct filter_expr *expr, struct bytes event);

struct json;

enum { FILTER_MAX_ACTIONS = 16, FILTER_MAX_FIELDS = 256 };

/*
 * What is wrong with a list of actions, a sentence; "" when nothing. Types drop_event,
 * sample_event (percent 0 to 1, path a text), whitelist_fields, blacklist_fields
 * ({"fields":{"properties":{"fields":["a","b.c"]}}}, below properties, traits, context).
 */
const char *filter_check_actions(const struct json *actions);

enum filter_outcome { FILTER_DROPPED = 0, FILTER_KEPT };

/*
 * Runs actions (that filter_check_actions has passed) in Segment's order, whatever their
 * own: sample, drop event, drop fields, keep fields. @event: JSON text that scan_json has
 * accepted. KEPT: the event that is left has been added to @ret_event (compact). DROPPED
 * also when it does not fit.
 *
 * - sample: @random, 32 random bits, decides; with a path, a hash of the value there (if
 *   there is one), so one user stays in or out, and the number 1 is the text "1".
 * - fields: dotted names lead into objects. Of properties, traits and context only those
 *   that the action names are touched, and only when they are objects.
 */
must_check
enum filter_outcome filter_apply(const struct json *actions, struct bytes event,
                                 uint32_t random, struct buf *ret_event);
