/* SPDX-License-Identifier: MIT */

#include "base/heap.h"

#include "base/mem.h"

static bool is_before(const struct heap_node *a, const struct heap_node *b)
{
    return a->at != b->at ? a->at < b->at : a->tie < b->tie;
}

static void place(struct heap *heap, size_t index, struct heap_node *node)
{
    heap->nodes[index - 1] = node;
    node->index = index;
}

static void sift_up(struct heap *heap, struct heap_node *node)
{
    size_t index = node->index;

    while (index > 1 && is_before(node, heap->nodes[index / 2 - 1])) {
        place(heap, index, heap->nodes[index / 2 - 1]);
        index /= 2;
    }
    place(heap, index, node);
}

static void sift_down(struct heap *heap, struct heap_node *node)
{
    size_t index = node->index;

    for (;;) {
        size_t child = index * 2;

        if (child > heap->n_nodes)
            break;
        if (child < heap->n_nodes &&
            is_before(heap->nodes[child], heap->nodes[child - 1]))
            child++;
        if (!is_before(heap->nodes[child - 1], node))
            break;
        place(heap, index, heap->nodes[child - 1]);
        index = child;
    }
    place(heap, index, node);
}

void heap_done(struct heap *heap)
{
    free(heap->nodes);
    *heap = (struct heap){0};
}

void heap_push(struct heap *heap, struct heap_node *node)
{
    if (heap->n_nodes == heap->capacity) {
        heap->capacity = heap->capacity > 0 ? heap->capacity * 2 : 64;
        heap->nodes = mem_grow(heap->nodes, heap->capacity, sizeof(*heap->nodes));
    }
    heap->n_nodes++;
    place(heap, heap->n_nodes, node);
    sift_up(heap, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    struct heap_node *last = heap->nodes[heap->n_nodes - 1];

    heap->n_nodes--;
    if (last != node) {
        place(heap, node->index, last);
        sift_up(heap, last);
        sift_down(heap, last);
    }
    node->index = 0;
}

struct heap_node *heap_peek(const struct heap *heap)
{
    return heap->n_nodes > 0 ? heap->nodes[0] : NULL;
}

struct heap_node *heap_pop_due(struct heap *heap, int64_t now)
{
    struct heap_node *node = heap_peek(heap);

    if (node == NULL || node->at > now)
        return NULL;
    heap_remove(heap, node);
    return node;
}
