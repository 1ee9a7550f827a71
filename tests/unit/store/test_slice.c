/* SPDX-License-Identifier: MIT */

#include "store/slice.h"

#include "fixture.h"

#include <stdio.h>

#include "store/sql.h"

static void slices_are_filed_once_and_when_they_are_full(void **state)
{
    struct fixture *f = *state;
    bool has_filed;

    for (int i = 0; i < 5; i++)
        fixture_bought(f, 1000 + (i * 3 + 2) % 5, DELIVERY_DELIVERED,
                       "u1"); /* 2 0 3 1 4 */
    expect(f, 0, store_index_step(f->store, &has_filed, &f->err));
    assert_false(has_filed);
    while ((store_next_row(f->store) + 1) % SLICE_ROWS != 0)
        ;
    expect(f, 0, store_index_step(f->store, &has_filed, &f->err));
    assert_true(has_filed);
    expect(f, 0, store_index_step(f->store, &has_filed, &f->err));
    assert_false(has_filed);
    assert_int_equal(fixture_ask(f,
                                 "SELECT count(*) FROM search WHERE kind = 2 AND"
                                 " name = 'Bought' AND user = 'u1' AND message = 'm1'"),
                     5);
    assert_int_equal(fixture_ask(f, "SELECT first_at * 10000 + last_at FROM span"),
                     1000 * 10000 + 1004);
}

static void skip_to_slice(struct fixture *f, int64_t slice)
{
    while (store_next_row(f->store) + 1 < slice_first_row(slice))
        ;
}

/* 1 found, 0 not. */
static int find(struct fixture *f, unsigned number, int64_t now_ms)
{
    const struct dedupe_mark mark = fixture_mark(number);
    int64_t row, at;
    int result = store_find_mark(f->store, &mark, now_ms, &row, &at, &f->err);

    if (result < 0)
        fail_msg("%s", f->err.text);
    return result;
}

static void old_marks_leave_with_their_block(void **state)
{
    enum { BLOCK_SLICES = 64 };
    struct fixture *f = *state;
    const int64_t young_ms = 2 * FIXTURE_WINDOW_MS, now_ms = young_ms + 1;
    size_t n;

    fixture_begin(f);
    fixture_event(f, "{}", 1000, 1);
    fixture_event(f, "{}", 1000 + FIXTURE_WINDOW_MS, 2);
    fixture_commit(f);
    fixture_index(f);
    skip_to_slice(f, BLOCK_SLICES);
    fixture_begin(f);
    fixture_event(f, "{}", young_ms, 3);
    fixture_commit(f);
    fixture_index(f);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(fixture_ask(f, "SELECT count(*) FROM mark"), 3);
        assert_int_equal(fixture_ask(f, "SELECT count(*) FROM mark_block"), 1);
        assert_int_equal(find(f, 1, 1000), 1);
        assert_int_equal(find(f, 2, now_ms), 1);
        assert_int_equal(find(f, 3, now_ms), 1);
        assert_int_equal(find(f, 4, now_ms), 0);
        expect(f, 0, store_retain_step(f->store, 0, now_ms, 10, &n, &f->err));
        fixture_reopen(f);
    }
    for (int step = 0; step < 8; step++)
        expect(
            f, 0,
            store_retain_step(f->store, 0, now_ms + FIXTURE_WINDOW_MS, 10, &n, &f->err));
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM mark"), 1);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM mark_block"), 0);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(find(f, 2, now_ms), 0);
        assert_int_equal(find(f, 3, now_ms), 1);
        fixture_reopen(f);
    }
}

static void a_mark_outlives_its_event(void **state)
{
    struct fixture *f = *state;
    const int64_t now_ms = 1000 + FIXTURE_WINDOW_MS - 1;
    size_t n;

    fixture_begin(f);
    fixture_settle(f, fixture_event(f, "{}", 1000, 1), DELIVERY_DELIVERED);
    fixture_commit(f);
    expect(f, 0, store_retain_step(f->store, 2000, 3000, 10, &n, &f->err));
    assert_int_equal(n, 1);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(find(f, 1, now_ms), 1);
        fixture_reopen(f);
        assert_int_equal(find(f, 1, now_ms), 1);
        fixture_index(f);
    }
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM mark_left"), 0);
    assert_int_equal(find(f, 1, now_ms + 1), 0);
}

static void what_is_filed_leaves_once_its_slice_is_empty(void **state)
{
    struct fixture *f = *state;
    size_t n;

    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    fixture_index(f);
    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u2");
    fixture_index(f);
    (void)fixture_bought(f, 5000, DELIVERY_DELIVERED, "u3");
    assert_int_equal(fixture_ask(f, "SELECT sum(length(entries)) FROM filed"), 4 * 8);
    expect(f, 0, store_retain_step(f->store, 2000, 6000, 1, &n, &f->err));
    assert_int_equal(fixture_ask(f, "SELECT sum(length(entries)) FROM filed"), 2 * 8);
    expect(f, 0, store_retain_step(f->store, 2000, 6000, 1, &n, &f->err));
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM filed"), 0);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM span"), 0);
}

/* Version 6 had tables of marks; the last event has no head yet, one event is removed. */
static void marks_and_heads_of_version_6_are_taken_over(void **state)
{
    static const struct {
        const char *why;
        unsigned mark;
        int want;
    } cases[] = {
        {"filed", 1, 1},
        {"filed, its event removed", 2, 1},
        {"far behind what is filed first", 3, 1},
        {"not filed", 4, 1},
        {"never seen", 5, 0},
    };
    struct fixture *f = *state;
    int64_t last = 0;

    fixture_begin(f);
    for (unsigned mark = 1; mark <= 4; mark++) {
        for (int gap = mark == 4 ? 100000 : 0; gap > 0; gap--)
            (void)store_next_row(f->store);
        last = fixture_event(f, "{\"type\":\"track\",\"userId\":\"u1\"}", 1000, mark);
    }
    fixture_commit(f);
    fixture_change(
        f, FIXTURE_VERSION_6
        "CREATE TABLE dedupe_0 (mark BLOB PRIMARY KEY, event INTEGER NOT NULL,"
        " received_at INTEGER NOT NULL) WITHOUT ROWID;"
        "INSERT INTO dedupe_0 SELECT mark, id, received_at FROM event WHERE id < 4;"
        "UPDATE progress SET indexed = 3; DELETE FROM event WHERE id = 2;"
        "DELETE FROM search WHERE id > 3 OR id = 2; PRAGMA user_version=6");
    for (int pass = 0; pass < 2; pass++) {
        fixture_reopen(f);
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct dedupe_mark mark = fixture_mark(cases[i].mark);
            int64_t row, at;
            int got = store_find_mark(f->store, &mark, 1000, &row, &at, &f->err);

            if (got != cases[i].want)
                fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
        }
    }
    assert_int_equal(fixture_ask(f, "SELECT max(id) FROM search WHERE user = 'u1'"),
                     last);
    assert_int_equal(fixture_ask(f, "SELECT indexed >= 8191 FROM progress"), 1);
    assert_int_equal(
        fixture_ask(f, "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'dedupe*'"),
        0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(slices_are_filed_once_and_when_they_are_full),
        T(old_marks_leave_with_their_block),
        T(a_mark_outlives_its_event),
        T(what_is_filed_leaves_once_its_slice_is_empty),
        T(marks_and_heads_of_version_6_are_taken_over),
    };

    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
