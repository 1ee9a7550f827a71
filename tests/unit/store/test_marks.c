/* SPDX-License-Identifier: MIT */

#include "store/marks.h"

#include "lib/cm.h"
#include "store/bloom.h"

enum { N = 5000, MODEL = 64 };

static struct dedupe_mark mark_of(unsigned number)
{
    struct dedupe_mark mark;
    uint8_t sum[SHA256_LEN];
    struct bytes part = bytes_of(&number, sizeof(number));

    sha256_sum(&part, 1, sum);
    memcpy(mark.bytes, sum, sizeof(mark.bytes));
    return mark;
}

static int64_t row_of(const struct marks *marks, unsigned number)
{
    struct dedupe_mark mark = mark_of(number);
    const struct marks_entry *entry = marks_find(marks, &mark);

    return entry != NULL ? entry->row : 0;
}

static void put(struct marks *marks, unsigned number, int64_t row)
{
    marks_put(marks, &(struct marks_entry){.mark = mark_of(number), .row = row});
}

static void finds_what_was_put_and_nothing_else(void **state)
{
    struct marks marks = {0};

    (void)state;
    assert_int_equal(row_of(&marks, 1), 0);
    for (unsigned i = 0; i < N; i++)
        put(&marks, i, i + 1);
    marks_commit(&marks);
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(row_of(&marks, i), i + 1);
    for (unsigned i = N; i < 2 * N; i++)
        assert_int_equal(row_of(&marks, i), 0);
    marks_done(&marks);
}

static void a_rollback_restores_what_was_replaced(void **state)
{
    struct marks marks = {0};

    (void)state;
    put(&marks, 1, 10);
    marks_commit(&marks);
    put(&marks, 1, 20);
    put(&marks, 1, 30);
    put(&marks, 2, 40);
    marks_rollback(&marks);
    assert_int_equal(row_of(&marks, 1), 10);
    assert_int_equal(row_of(&marks, 2), 0);
    assert_int_equal(marks.n_entries, 1);
    marks_done(&marks);
}

static void a_mark_of_a_newer_event_is_not_removed_for_an_older(void **state)
{
    struct marks marks = {0};

    (void)state;
    put(&marks, 1, 10);
    put(&marks, 1, 20);
    marks_commit(&marks);
    marks_forget(&marks, 10);
    assert_int_equal(row_of(&marks, 1), 20);
    marks_forget(&marks, 20);
    assert_int_equal(row_of(&marks, 1), 0);
    marks_done(&marks);
}

/* Now and then all of it, as when slices follow each other slowly. */
static void forget_older(struct marks *marks, int64_t *sure, int64_t *unsure,
                         int64_t step)
{
    const int64_t up_to = step - rand() % MODEL;
    struct marks_entry *list;
    size_t n_listed, n_older = 0;

    list = marks_list(marks, up_to, &n_listed);
    for (size_t i = 0; i < MODEL; i++) {
        n_older += sure[i] != 0 && sure[i] <= up_to;
        if (sure[i] <= up_to)
            sure[i] = unsure[i] = 0;
    }
    for (size_t i = 0; i < n_listed; i++)
        assert_in_range(list[i].row, 1, up_to);
    assert_int_equal(n_listed, n_older);
    free(list);
    marks_forget(marks, up_to);
}

/* Random changes against an array that is too simple to be wrong. */
static void behaves_like_an_array(void **state)
{
    struct marks marks = {0};
    int64_t sure[MODEL] = {0}, unsure[MODEL] = {0};
    bool is_open = false;

    (void)state;
    srand(7);
    for (int64_t step = 1; step < 40000; step++) {
        unsigned at = (unsigned)rand() % MODEL;
        int what = rand() % 8;

        if (what < 5) {
            put(&marks, at, step);
            unsure[at] = step;
            is_open = true;
        } else if (what == 5) {
            marks_commit(&marks);
            memcpy(sure, unsure, sizeof(sure));
            is_open = false;
        } else if (what == 6) {
            marks_rollback(&marks);
            memcpy(unsure, sure, sizeof(sure));
            is_open = false;
        } else if (!is_open) {
            forget_older(&marks, sure, unsure, step);
        }
        at = (unsigned)rand() % MODEL;
        if (row_of(&marks, at) != unsure[at])
            fail_msg("step %d: got %d, want %d", (int)step, (int)row_of(&marks, at),
                     (int)unsure[at]);
    }
    marks_done(&marks);
}

static void a_filter_forgets_nothing_and_rarely_errs(void **state)
{
    struct bloom bloom = {0};
    unsigned n_wrong = 0;

    (void)state;
    for (unsigned i = 0; i < 8 * N; i++) {
        struct dedupe_mark mark = mark_of(i);

        bloom_add(&bloom, &mark);
    }
    for (unsigned i = 0; i < 16 * N; i++) {
        struct dedupe_mark mark = mark_of(i);
        bool may_have = bloom_may_have(&bloom, &mark);

        assert_true(may_have || i >= 8 * N);
        n_wrong += may_have && i >= 8 * N;
    }
    if (n_wrong > 8 * N / 50)
        fail_msg("wrong answers: got %u of %d, want at most 2 in 100", n_wrong, 8 * N);
    bloom_done(&bloom);
    bloom_done(&bloom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_put_and_nothing_else),
        cmocka_unit_test(a_rollback_restores_what_was_replaced),
        cmocka_unit_test(a_mark_of_a_newer_event_is_not_removed_for_an_older),
        cmocka_unit_test(behaves_like_an_array),
        cmocka_unit_test(a_filter_forgets_nothing_and_rarely_errs),
    };

    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
