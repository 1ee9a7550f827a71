/* SPDX-License-Identifier: MIT */

#include "base/arena.h"

#include <stdalign.h>

#include "lib/cm.h"

static void memory_is_zeroed_and_aligned_at_every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 16, 17, 4000, 4032, 4033, 100000};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *memory = arena_zero(&arena, sizes[i]);

        if ((uintptr_t)memory % alignof(max_align_t) != 0)
            fail_msg("%zu bytes: got %p, want an aligned address", sizes[i],
                     (void *)memory);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(memory[at], 0);
        memset(memory, 0xff, sizes[i]); /* the next one must not overlap */
    }
    arena_done(&arena);
}

static void a_large_piece_leaves_the_small_ones_alone(void **state)
{
    struct arena arena;
    char *before;
    char *after;

    (void)state;
    arena_init(&arena);
    before = arena_text(&arena, "before");
    memset(arena_zero(&arena, 1 << 20), 'x', 1 << 20);
    after = arena_text(&arena, "after");
    assert_string_equal(before, "before");
    assert_string_equal(after, "after");
    arena_done(&arena);
}

static void copies_end_with_a_nul_and_keep_those_inside(void **state)
{
    struct arena arena;
    char *copy;

    (void)state;
    arena_init(&arena);
    copy = arena_copy(&arena, BYTES("a\0b"));
    assert_memory_equal(copy, "a\0b", 4);
    assert_string_equal(arena_copy(&arena, bytes_of(NULL, 0)), "");
    assert_string_equal(arena_printf(&arena, "%s-%d", "x", 7), "x-7");
    assert_string_equal(arena_printf(&arena, "%s", ""), "");
    arena_done(&arena);
}

static void done_twice_is_fine(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_non_null(arena_new(&arena, int));
    arena_done(&arena);
    arena_done(&arena);
    assert_null(arena.blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_at_every_size),
        cmocka_unit_test(a_large_piece_leaves_the_small_ones_alone),
        cmocka_unit_test(copies_end_with_a_nul_and_keep_those_inside),
        cmocka_unit_test(done_twice_is_fine),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
