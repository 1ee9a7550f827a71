/* SPDX-License-Identifier: MIT */

#include "service/console/journal.h"

#include <stdio.h>

#include "base/buf.h"
#include "lib/cm.h"

static void add(struct journal *journal, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char text[32];

        snprintf(text, sizeof(text), "%llu ", (unsigned long long)journal_next(journal));
        journal_add(journal, bytes_str(text), 1);
    }
}

static void collect(void *arg, const struct journal_entry *entry)
{
    buf_add(arg, bytes_of(entry->text, entry->len));
}

static void goes_on_where_one_was(void **state)
{
    struct journal journal = {0};
    cleanup(buf_done) struct buf got = {0};

    (void)state;
    buf_init(&got, 1000);
    assert_true(journal_has_since(&journal, 0, 0));
    assert_false(journal_has_since(&journal, 1, 0));
    add(&journal, 5);
    assert_true(journal_has_since(&journal, 5, 0));
    assert_false(journal_has_since(&journal, 6, 1000)); /* of another process */
    assert_true(journal_has_since(&journal, 2, 6));
    assert_false(journal_has_since(&journal, 2, 5)); /* too much at once */
    journal_each_since(&journal, 2, collect, &got);
    assert_string_equal("3 4 5 ", buf_text(&got));
    journal_done(&journal);
}

static void the_oldest_go(void **state)
{
    struct journal journal = {0};

    (void)state;
    add(&journal, JOURNAL_MESSAGES + 3);
    assert_false(journal_has_since(&journal, 2, SIZE_MAX));
    assert_true(journal_has_since(&journal, 3, SIZE_MAX));
    journal_done(&journal);
}

static void bytes_are_bounded(void **state)
{
    static char large[1 << 20];
    struct journal journal = {0};

    (void)state;
    for (int i = 0; i < 20; i++)
        journal_add(&journal, bytes_of(large, sizeof(large)), 1);
    assert_true(journal.n_bytes <= JOURNAL_BYTES);
    assert_true(
        journal_has_since(&journal, 20 - JOURNAL_BYTES / sizeof(large), SIZE_MAX));
    assert_false(
        journal_has_since(&journal, 19 - JOURNAL_BYTES / sizeof(large), SIZE_MAX));
    journal_done(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_where_one_was),
        cmocka_unit_test(the_oldest_go),
        cmocka_unit_test(bytes_are_bounded),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
