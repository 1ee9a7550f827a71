/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * walk - steps over JSON text that scan_json has accepted.
 *
 * Everything here trusts the grammar and checks nothing but the end of the text, so that
 * a second look at an event costs little. Each step takes from the front of @rest.
 */

#include "base/bytes.h"

/* White space, if any. */
void walk_space(struct bytes *rest);
/* @rest begins after an opening quote: takes the inside and the closing quote. */
struct bytes walk_string(struct bytes *rest);
/* A number, true, false or null. */
struct bytes walk_scalar(struct bytes *rest);
/* A whole value; @rest begins at its first byte. */
struct bytes walk_value(struct bytes *rest);

struct walk_member {
    struct bytes key; /* its inside */
    struct bytes value;
    bool is_spaced; /* white space stands between the value's parts */
};

/* The next member of the object whose text @rest was at first (white space and a byte
 * order mark before it are skipped). False at the end. */
must_check
bool walk_member(struct bytes *rest, struct walk_member *ret_member);

/* The next code point of a string's inside: escapes resolved, surrogate pairs joined, a
 * lone surrogate as itself. */
uint32_t walk_point(struct bytes *inside);
/* Does the inside mean just this text (UTF-8 without escapes)? */
bool walk_means(struct bytes inside, struct bytes text);
/* Orders two insides by what they mean, code point by code point. */
int walk_order(struct bytes inside_a, struct bytes inside_b);
