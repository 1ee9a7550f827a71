/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * filter - destination filters: the condition language (FQL) and the four actions
 * (dossier §7.6).
 *
 *   expr  := and ("or" and)*          and := not ("and" not)*      not := "!" not | cmp
 *   cmp   := value (("="|"!="|">"|">="|"<"|"<=") value)?
 *   value := "all" | "null" | true | false | number | "text" | path | call | "(" expr ")"
 *   call  := contains(s, sub) | match(s, glob) | length(x) | lowercase(s) | typeof(x)
 *   path  := name ("." name)*, a name may be quoted with backslashes: properties.a\.b
 *
 * Keywords and functions in any case. A path that leads nowhere is null. Numbers compare
 * as numbers, texts as texts, different kinds are never equal and never ordered. What is
 * true: true, and nothing else. match: '*' any run, '?' one character, whole text.
 */

#include "base/arena.h"
#include "base/buf.h"

struct filter_expr; /* parsed; lives in the arena given */

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

/* What is wrong with a list of actions; "" when nothing. Types drop_event, sample_event
 * (percent 0 to 1, path a text), whitelist_fields, blacklist_fields
 * ({"fields":{"properties":{"fields":["a"]}}}, below properties, traits, context). */
const char *filter_check_actions(const struct json *actions);

enum filter_outcome { FILTER_DROPPED = 0, FILTER_KEPT };

/*
 * Runs actions in Segment's order, whatever their own: sample, drop event, drop fields,
 * keep fields. @random: 32 random bits for a sample without a path; with one, a hash of
 * the value decides, so one user stays in or out. KEPT: the event that is left has been
 * added to @ret_event (compact). DROPPED also when it does not fit.
 */
must_check
enum filter_outcome filter_apply(const struct json *actions, struct bytes event,
                                 uint32_t random, struct buf *ret_event);
