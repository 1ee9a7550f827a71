/* SPDX-License-Identifier: MIT */

#include "base/heap.h"

#include "lib/cm.h"

enum { N_NODES = 500 };

/* A small generator, so that every run sees the same "random" order. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void leaves_by_time_then_by_tie(void **state)
{
    static struct heap_node nodes[N_NODES];
    struct heap heap = {0};
    int64_t last_at = INT64_MIN;
    int64_t last_tie = INT64_MIN;
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < N_NODES; i++) {
        nodes[i] = (struct heap_node){.at = next_random(&seed) % 50, .tie = (int64_t)i};
        heap_push(&heap, &nodes[i]);
        assert_true(heap_has(&nodes[i]));
    }
    for (size_t i = 0; i < N_NODES; i++) {
        struct heap_node *node = heap_pop_due(&heap, INT64_MAX);

        assert_non_null(node);
        assert_false(heap_has(node));
        assert_true(node->at > last_at || (node->at == last_at && node->tie > last_tie));
        last_at = node->at;
        last_tie = node->tie;
    }
    assert_null(heap_pop_due(&heap, INT64_MAX));
    heap_done(&heap);
}

static void keeps_what_is_not_due(void **state)
{
    struct heap_node early = {.at = 10};
    struct heap_node late = {.at = 20};
    struct heap heap = {0};

    (void)state;
    heap_push(&heap, &late);
    heap_push(&heap, &early);
    assert_null(heap_pop_due(&heap, 9));
    assert_ptr_equal(heap_pop_due(&heap, 10), &early);
    assert_ptr_equal(heap_peek(&heap), &late);
    assert_null(heap_pop_due(&heap, 19));
    assert_int_equal(heap.n_nodes, 1);
    heap_done(&heap);
}

static void order_survives_removal_from_anywhere(void **state)
{
    static struct heap_node nodes[N_NODES];
    struct heap heap = {0};
    int64_t last = INT64_MIN;
    size_t n_left = N_NODES;
    uint32_t seed = 2;

    (void)state;
    for (size_t i = 0; i < N_NODES; i++) {
        nodes[i] = (struct heap_node){.at = next_random(&seed) % 1000};
        heap_push(&heap, &nodes[i]);
    }
    for (size_t i = 0; i < N_NODES; i++) {
        if (next_random(&seed) % 2 == 0) {
            heap_remove(&heap, &nodes[i]);
            n_left--;
        }
    }
    assert_int_equal(heap.n_nodes, n_left);
    for (; n_left > 0; n_left--) {
        struct heap_node *node = heap_pop_due(&heap, INT64_MAX);

        assert_true(node->at >= last);
        last = node->at;
    }
    assert_null(heap_peek(&heap));
    heap_done(&heap);
}

static void the_ends_of_time_are_ordinary(void **state)
{
    struct heap_node first = {.at = INT64_MIN};
    struct heap_node last = {.at = INT64_MAX};
    struct heap heap = {0};

    (void)state;
    heap_push(&heap, &last);
    heap_push(&heap, &first);
    assert_ptr_equal(heap_pop_due(&heap, INT64_MIN), &first);
    assert_null(heap_pop_due(&heap, INT64_MAX - 1));
    assert_ptr_equal(heap_pop_due(&heap, INT64_MAX), &last);
    heap_done(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_by_time_then_by_tie),
        cmocka_unit_test(keeps_what_is_not_due),
        cmocka_unit_test(order_survives_removal_from_anywhere),
        cmocka_unit_test(the_ends_of_time_are_ordinary),
    };

    return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
