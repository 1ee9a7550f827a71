/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * bytes - a borrowed run of bytes: pointer and length, passed by value, never owned.
 *
 * Not terminated, may hold NULs. An empty one may have a NULL pointer. Every parser in
 * the project takes these, so nobody copies in order to cut.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct bytes {
    const char *ptr;
    size_t len;
};

#define BYTES(literal) ((struct bytes){"" literal, sizeof(literal) - 1})
/* For printf's "%.*s". */
#define BYTES_FMT(b) (int)(b).len, (b).ptr != NULL ? (b).ptr : ""

static inline struct bytes bytes_of(const void *ptr, size_t len)
{
    return (struct bytes){(const char *)ptr, len};
}

static inline struct bytes bytes_str(const char *text)
{
    return text != NULL ? bytes_of(text, strlen(text)) : bytes_of(NULL, 0);
}

static inline bool bytes_eq(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* From @start, at most @len bytes; both are clamped to what there is. */
struct bytes bytes_slice(struct bytes b, size_t start, size_t len);
/* ASCII case is folded; other bytes compare as they are. */
bool bytes_eq_nocase(struct bytes a, struct bytes b);
int bytes_cmp(struct bytes a, struct bytes b);
bool bytes_starts(struct bytes b, struct bytes prefix);
bool bytes_ends(struct bytes b, struct bytes suffix);
/* Index of the first @c, or b.len. */
size_t bytes_index(struct bytes b, char c);
/* Offset of @needle in @b, or b.len when absent. An empty needle is at 0. */
size_t bytes_find(struct bytes b, struct bytes needle);
/* Without the spaces, tabs, CR and LF at both ends. */
struct bytes bytes_trim(struct bytes b);
/* The part before the first @c; *b then begins after it (or is empty). */
struct bytes bytes_take_until(struct bytes *b, char c);
/* Decimal digits with an optional '-', nothing else; false on junk or overflow. */
must_check
bool bytes_to_i64(struct bytes b, int64_t *ret_value);
/* A NUL-terminated heap copy; NULs inside stay. The caller frees. */
must_check
char *bytes_copy(struct bytes b);
