/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * arena - many small allocations that end together: one request, one configuration.
 *
 * What comes from an arena is never freed alone. Allocation cannot fail to the caller;
 * who lets a stranger choose a size checks it against a limit first.
 */

#include "base/bytes.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);
/* Zeroed, aligned for any type. */
must_check
void *arena_zero(struct arena *arena, size_t size_bytes);
#define arena_new(arena, type) ((type *)arena_zero(arena, sizeof(type)))
/* NUL-terminated copies. */
must_check
char *arena_copy(struct arena *arena, struct bytes bytes);
must_check
char *arena_text(struct arena *arena, const char *text);
__attribute__((nonnull)) printf_like(2, 3) must_check
char *arena_printf(struct arena *arena, const char *format, ...);
