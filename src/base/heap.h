/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * heap - what comes next: a binary min-heap of embedded nodes, ordered by a time.
 *
 * Equal times leave in the order of `tie`, so "oldest first" holds among the due.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct heap_node {
    int64_t at;   /* milliseconds; the key */
    int64_t tie;  /* second key */
    size_t index; /* 1-based position in its heap; 0: in none */
};

struct heap {
    struct heap_node **nodes;
    size_t n_nodes;
    size_t capacity;
};

void heap_done(struct heap *heap); /* frees the array, never the nodes */
/* @node must be in no heap; its at and tie must not change while it is in one. */
void heap_push(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node);
/* The next node, or NULL; it stays. */
struct heap_node *heap_peek(const struct heap *heap);
/* Removes and returns the next node when its time is @now or earlier, else NULL. */
struct heap_node *heap_pop_due(struct heap *heap, int64_t now);

static inline bool heap_has(const struct heap_node *node)
{
    return node->index != 0;
}
