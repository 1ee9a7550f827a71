/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * scan - is this text JSON, and where are its parts? One pass, no allocation.
 *
 * Strict RFC 8259: no comments, no trailing commas, no lone control characters, valid
 * UTF-8 (surrogates encoded in UTF-8 are refused; "\ud800" escapes are allowed, RFC 8259
 * §8.2), at most SCAN_DEPTH levels. One leading byte order mark is skipped (dossier
 * §2.9). What comes out are spans: slices of the input, never copies, because Segment
 * signs the very bytes of a batch's first element.
 */

#include "base/buf.h"

enum { SCAN_DEPTH = 512 };

enum scan_kind {
    SCAN_NONE = 0,
    SCAN_NULL,
    SCAN_FALSE,
    SCAN_TRUE,
    SCAN_NUMBER,
    SCAN_STRING,
    SCAN_ARRAY,
    SCAN_OBJECT,
};

struct scan_span {
    struct bytes text; /* as sent, a string with its quotes */
    enum scan_kind kind;
    bool has_escape; /* of a string: a backslash is in it */
};

struct scan_member {
    struct bytes key; /* between its quotes, as sent */
    bool key_has_escape;
    struct scan_span value;
};

struct scan_fault {
    size_t offset; /* byte of the input where it stopped being JSON */
    const char *why;
};

/* What to call for the root's parts, in document order; NULL: nothing. */
struct scan_visitor {
    void (*member)(void *arg, const struct scan_member *member);
    void (*element)(void *arg, size_t index, const struct scan_span *element);
    void *arg;
};

/*
 * True when all of @text is one JSON value; *ret_root then spans it without the white
 * space around it. Else false, and *ret_fault says where and why. Parts may already have
 * been visited when a later fault is found. @visitor may be NULL.
 */
must_check
bool scan_json(struct bytes text, const struct scan_visitor *visitor,
               struct scan_span *ret_root, struct scan_fault *ret_fault);

/*
 * An array, element by element. What scan_json would say of the whole is known at its
 * end, but who looks at each element's own parts (they are what is visited) has scanned
 * everything once by then, and not twice.
 */
struct scan_array {
    struct bytes text;
    const char *at;
    size_t n_elements;       /* so far */
    struct scan_fault fault; /* why: NULL, unless the text is no JSON or no array */
    bool is_over;
};

void scan_array_init(struct scan_array *array, struct bytes text);
/* False: there is no more, or @array's fault. */
must_check
bool scan_array_next(struct scan_array *array, const struct scan_visitor *visitor,
                     struct scan_span *ret_element);

/*
 * Adds the meaning of a string's inside (no quotes) to @ret_text: escapes resolved, lone
 * surrogates as U+FFFD. The inside must come from scan_json. BUF_FULL when out of room.
 */
int scan_unescape(struct bytes inside, struct buf *ret_text);

/* The span of a value whose text scan_json has accepted, without space around it. */
struct scan_span scan_span_of(struct bytes value);

/* The inside of a string span (its text without the quotes). */
struct bytes scan_inside(const struct scan_span *string);

/*
 * The value at a dotted path ("properties.plan", array indexes are numbers) below
 * @value's text, which must come from scan_json. False when there is none. A key that
 * comes twice: the last one, as JSON.parse does.
 */
must_check
bool scan_find(struct bytes value, struct bytes path, struct scan_span *ret_found);
