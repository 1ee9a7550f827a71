/* SPDX-License-Identifier: MIT */

#include "store/due.h"

#include "fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/slice.h"
#include "store/sql.h"

#define TRACK "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u1\"}"

static void what_was_committed_is_there_after_reopening(void **state)
{
    struct fixture *f = *state;
    cleanup(buf_done) struct buf settings = {0};
    cleanup(buf_done) struct buf payload = {0};
    struct store_event event;
    uint8_t sum[SHA256_LEN];
    struct bytes text = BYTES(TRACK);
    int64_t row;

    buf_init(&settings, 100);
    buf_init(&payload, 100);
    buf_add_text(&payload, "before ");
    fixture_begin(f);
    row = fixture_event(f, TRACK, 1000, 5);
    fixture_commit(f);
    fixture_reopen(f);
    expect(f, 1, store_load_event(f->store, row, &settings, &payload, &event, &f->err));
    sha256_sum(&text, 1, sum);
    assert_memory_equal(event.sha256, sum, SHA256_LEN);
    assert_true(bytes_eq(event.payload, text));
    assert_int_equal(event.settings.len, 0);
    assert_int_equal(event.received_at_ms, 1000);
    assert_true(event.has_mark);
    expect(f, 0,
           store_load_event(f->store, row + 1, &settings, &payload, &event, &f->err));
    assert_true(store_next_row(f->store) > row);
}

static void a_rollback_leaves_neither_event_nor_mark(void **state)
{
    struct fixture *f = *state;
    struct dedupe_mark mark = fixture_mark(1);
    int64_t row, found, at;

    fixture_begin(f);
    row = fixture_event(f, TRACK, 1000, 1);
    expect(f, 1, store_find_mark(f->store, &mark, 1000, &found, &at, &f->err));
    assert_int_equal(found, row);
    store_rollback(f->store);
    expect(f, 0, store_find_mark(f->store, &mark, 1000, &found, &at, &f->err));
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM event"), 0);
}

static void marks_count_within_the_window_only(void **state)
{
    static const struct {
        const char *why;
        bool is_indexed, is_reopened;
        int64_t now_ms;
        int want;
    } cases[] = {
        {"at once", false, false, 1000, 1},
        {"last moment", false, false, 1000 + FIXTURE_WINDOW_MS - 1, 1},
        {"too late", false, false, 1000 + FIXTURE_WINDOW_MS, 0},
        {"the clock went back", false, false, 0, 1},
        {"after a start", false, true, 1000, 1},
        {"filed", true, false, 1000, 1},
        {"filed, last moment", true, false, 1000 + FIXTURE_WINDOW_MS - 1, 1},
        {"filed, too late", true, false, 1000 + FIXTURE_WINDOW_MS, 0},
        {"filed, after a start", true, true, 1000, 1},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dedupe_mark mark = fixture_mark(100 + (unsigned)i);
        int64_t row, found = 0, at = 0;
        int got;

        fixture_begin(f);
        row = fixture_event(f, TRACK, 1000, 100 + (unsigned)i);
        fixture_commit(f);
        if (cases[i].is_indexed)
            fixture_index(f);
        if (cases[i].is_reopened)
            fixture_reopen(f);
        got = store_find_mark(f->store, &mark, cases[i].now_ms, &found, &at, &f->err);
        if (got != cases[i].want || (got == 1 && (found != row || at != 1000)))
            fail_msg("%s: got %d row %d, want %d row %d", cases[i].why, got, (int)found,
                     cases[i].want, (int)row);
    }
}

static void the_newest_of_two_with_one_mark_is_found(void **state)
{
    struct fixture *f = *state;
    struct dedupe_mark mark = fixture_mark(1);
    int64_t later_ms = 1000 + 2 * FIXTURE_WINDOW_MS, row, found, at;

    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 1);
    row = fixture_event(f, TRACK, later_ms, 1);
    fixture_commit(f);
    for (int pass = 0; pass < 2; pass++) {
        expect(f, 1, store_find_mark(f->store, &mark, later_ms, &found, &at, &f->err));
        assert_int_equal(found, row);
        fixture_index(f);
    }
}

static void row_numbers_never_come_again(void **state)
{
    struct fixture *f = *state;
    int64_t row;
    size_t n;

    fixture_begin(f);
    row = fixture_event(f, TRACK, 1000, 0);
    fixture_settle(f, row, DELIVERY_DELIVERED);
    fixture_commit(f);
    fixture_index(f);
    expect(f, 0, store_retain_step(f->store, 2000, 3000, 10, &n, &f->err));
    assert_int_equal(n, 1);
    fixture_reopen(f);
    assert_true(store_next_row(f->store) > row);
}

/* Those of an undone transaction are in no table, but what was saved says they are past.
 */
static void numbers_that_were_passed_never_come_again(void **state)
{
    enum { UNDONE = 2 * SLICE_ROWS, PASSED = 500 };
    struct fixture *f = *state;
    bool has_filed = false;

    fixture_begin(f);
    expect(f, 0, store_save_low_water(f->store, PASSED, &f->err));
    fixture_commit(f);
    fixture_reopen(f);
    fixture_begin(f);
    assert_int_equal(PASSED, fixture_event(f, TRACK, 1000, 0));
    fixture_commit(f);
    for (int i = 0; i < UNDONE; i++)
        (void)store_next_row(f->store);
    expect(f, 0, store_index_step(f->store, &has_filed, &f->err));
    assert_true(has_filed);
    fixture_reopen(f);
    fixture_begin(f);
    assert_int_equal(SLICE_ROWS, fixture_event(f, TRACK, 1000, 0));
    fixture_commit(f);
}

static void a_late_event_is_refused(void **state)
{
    struct fixture *f = *state;
    struct store_event late = {.row = store_next_row(f->store), .payload = BYTES("{}")};

    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    fixture_index(f);
    fixture_begin(f);
    expect(f, -1, store_add_event(f->store, &late, &f->err));
    store_rollback(f->store);
    assert_false(store_is_latched(f->store));
}

/* --- deliveries --------------------------------------------------------------------- */

static void attempts_are_appended_and_an_end_is_final(void **state)
{
    struct fixture *f = *state;
    int64_t row;

    fixture_begin(f);
    row = fixture_event(f, TRACK, 1000, 0);
    fixture_settle(f, row, DELIVERY_RETRYING);
    fixture_settle(f, row, DELIVERY_RETRYING);
    fixture_settle(f, row, DELIVERY_DEAD);
    fixture_commit(f);
    assert_int_equal(fixture_ask(f, "SELECT detail = '{\"n\":1},{\"n\":1},{\"n\":1}'"
                                    " AND state = 6 FROM delivery"),
                     1);
    fixture_begin(f);
    expect(f, -1,
           store_put_delivery(f->store,
                              &(struct store_delivery){
                                  .row = row, .event = row, .state = DELIVERY_DELIVERED},
                              &f->err));
    store_rollback(f->store);
    assert_false(store_is_latched(f->store));
    assert_int_equal(fixture_ask(f, "SELECT state FROM delivery"), 6);
}

static void only_dead_letters_are_discarded_or_superseded(void **state)
{
    static const struct {
        const char *why;
        enum delivery_state state;
        int64_t superseded;
        bool want;
    } cases[] = {
        {"dead", DELIVERY_DEAD, 0, true},
        {"dead but replayed", DELIVERY_DEAD, 9, false},
        {"delivered", DELIVERY_DELIVERED, 0, false},
        {"discarded already", DELIVERY_DISCARDED, 0, false},
        {"on its way", DELIVERY_RETRYING, 0, false},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool changed = false;
        int64_t row;

        fixture_begin(f);
        row = fixture_event(f, TRACK, 1000, 0);
        fixture_settle(f, row, cases[i].state);
        if (cases[i].superseded != 0)
            expect(f, 0,
                   store_supersede_dead(f->store, row, cases[i].superseded, &f->err));
        expect(f, 0, store_discard_dead(f->store, row, 2000, &changed, &f->err));
        fixture_commit(f);
        if (changed != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, changed, cases[i].want);
    }
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM delivery WHERE superseded = 9"),
                     1);
}

struct due_list {
    struct store_delivery items[16];
    size_t n_items;
};

static void note_due(void *arg, const struct store_delivery *delivery)
{
    struct due_list *list = arg;

    assert_true(list->n_items < COUNT(list->items));
    list->items[list->n_items++] = *delivery;
}

static void what_is_due_comes_back_oldest_first(void **state)
{
    static const enum delivery_state states[] = {
        DELIVERY_DELIVERED, DELIVERY_NONE,      DELIVERY_RETRYING, DELIVERY_DEAD,
        DELIVERY_NONE,      DELIVERY_DISCARDED, DELIVERY_RETRYING, DELIVERY_NONE,
    };
    struct fixture *f = *state;
    struct due_list list = {0};
    struct store_range range = {.below = 1000, .max_deliveries = 2};
    int64_t rows[COUNT(states)], replay, n_queued;

    fixture_begin(f);
    for (size_t i = 0; i < COUNT(states); i++) {
        rows[i] = fixture_event(f, TRACK, 1000 + (int64_t)i, 0);
        if (states[i] != DELIVERY_NONE)
            fixture_settle(f, rows[i], states[i]);
    }
    replay = store_next_row(f->store);
    expect(f, 0,
           store_put_delivery(f->store,
                              &(struct store_delivery){.row = replay,
                                                       .event = rows[3],
                                                       .created_at_ms = 3000,
                                                       .subscription = 1,
                                                       .replay = 1,
                                                       .state = DELIVERY_QUEUED},
                              &f->err));
    expect(f, 0, store_save_low_water(f->store, rows[1], &f->err));
    fixture_commit(f);
    fixture_reopen(f);
    assert_int_equal(rows[1], range.from = store_low_water(f->store, &f->err));
    expect(f, 0,
           store_each_queued(f->store, &range, note_due, &list, &n_queued, &f->err));
    assert_int_equal(2, n_queued);
    range.from = list.items[1].row + 1;
    expect(f, 0,
           store_each_queued(f->store, &range, note_due, &list, &n_queued, &f->err));
    assert_int_equal(1, n_queued);
    expect(f, 0, store_each_started(f->store, note_due, &list, &f->err));
    const int64_t want[] = {rows[1], rows[4], rows[7], rows[2], rows[6], replay};

    assert_int_equal(list.n_items, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++)
        assert_int_equal(list.items[i].row, want[i]);
    assert_int_equal(list.items[0].state, DELIVERY_QUEUED);
    assert_int_equal(list.items[0].created_at_ms, 1001);
    assert_int_equal(list.items[3].state, DELIVERY_RETRYING);
    assert_int_equal(list.items[3].next_at_ms, 5000);
    assert_int_equal(list.items[3].first_attempt_ms, 1100);
    assert_int_equal(list.items[5].event, rows[3]);
    assert_int_equal(list.items[5].replay, 1);
}

static void rows_of_the_range_are_looked_at_only(void **state)
{
    struct fixture *f = *state;
    struct due_list list = {0};
    int64_t second, third, n_queued;

    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    second = fixture_event(f, TRACK, 1000, 0);
    third = fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    const struct store_range range = {second, third, 10};
    expect(f, 0,
           store_each_queued(f->store, &range, note_due, &list, &n_queued, &f->err));
    assert_int_equal(list.n_items, 1);
    assert_int_equal(list.items[0].row, second);
}

static void the_tally_is_saved_with_what_it_counts(void **state)
{
    const struct store_tally want = {1, 2, 3, 4, 5, 6, 7};
    struct fixture *f = *state;
    struct store_tally got;

    fixture_begin(f);
    expect(f, 0, store_save_tally(f->store, &want, &f->err));
    store_rollback(f->store);
    expect(f, 0, store_load_tally(f->store, &got, &f->err));
    assert_int_equal(got.accepted, 0);
    fixture_begin(f);
    expect(f, 0, store_save_tally(f->store, &want, &f->err));
    fixture_commit(f);
    fixture_reopen(f);
    expect(f, 0, store_load_tally(f->store, &got, &f->err));
    assert_memory_equal(&got, &want, sizeof(want));
}

/* --- names and keys ----------------------------------------------------------------- */

static void names_keep_their_numbers(void **state)
{
    struct fixture *f = *state;
    uint8_t sum[SHA256_LEN] = {1}, other[SHA256_LEN] = {2};
    uint16_t a, b, again;
    int64_t one, two, same;

    fixture_begin(f);
    expect(f, 0, store_subscription(f->store, BYTES("default"), &a, &f->err));
    expect(f, 0, store_subscription(f->store, BYTES("crm"), &b, &f->err));
    expect(f, 0, store_subscription(f->store, BYTES("default"), &again, &f->err));
    expect(
        f, 0,
        store_function_version(f->store, BYTES("f"), sum, BYTES("x"), 1, &one, &f->err));
    expect(f, 0,
           store_function_version(f->store, BYTES("f"), other, BYTES("y"), 2, &two,
                                  &f->err));
    expect(
        f, 0,
        store_function_version(f->store, BYTES("f"), sum, BYTES("x"), 3, &same, &f->err));
    fixture_commit(f);
    assert_int_equal(a, 1);
    assert_int_equal(b, 2);
    assert_int_equal(again, a);
    assert_int_equal(same, one);
    assert_int_not_equal(one, two);
}

static void note_name(void *arg, struct bytes name)
{
    buf_add(arg, name);
    buf_add_char(arg, ' ');
}

static void endpoints_stay_paused_until_resumed(void **state)
{
    struct fixture *f = *state;
    cleanup(buf_done) struct buf names = {0};

    buf_init(&names, 100);
    fixture_begin(f);
    expect(f, 0, store_set_paused(f->store, BYTES("crm"), true, 1, &f->err));
    expect(f, 0, store_set_paused(f->store, BYTES("crm"), true, 2, &f->err));
    expect(f, 0, store_set_paused(f->store, BYTES("a"), true, 2, &f->err));
    expect(f, 0, store_set_paused(f->store, BYTES("b"), true, 2, &f->err));
    expect(f, 0, store_set_paused(f->store, BYTES("b"), false, 3, &f->err));
    fixture_commit(f);
    fixture_reopen(f);
    expect(f, 0, store_each_paused(f->store, note_name, &names, &f->err));
    assert_string_equal(buf_text(&names), "a crm ");
}

static void note_key(void *arg, const struct store_key *key)
{
    buf_addf(arg, "%d %.*s [%.*s] %d %.*s;", (int)key->row, BYTES_FMT(key->name),
             BYTES_FMT(key->subscriptions), (int)key->revoked_at_ms,
             BYTES_FMT(key->sealed));
}

static void keys_are_unique_by_hash_and_revoked_once(void **state)
{
    struct fixture *f = *state;
    cleanup(buf_done) struct buf text = {0};
    struct store_key key = {.hash = {1}, .sealed = BYTES("s"), .name = BYTES("n")};
    bool changed;

    buf_init(&text, 200);
    fixture_begin(f);
    expect(f, 0, store_new_key_row(f->store, &key.row, &f->err));
    assert_int_equal(key.row, 1);
    expect(f, 0, store_add_key(f->store, &key, &f->err));
    expect(f, 0, store_new_key_row(f->store, &key.row, &f->err));
    assert_int_equal(key.row, 2);
    expect(f, STORE_EXISTS, store_add_key(f->store, &key, &f->err));
    key.hash[0] = 2;
    key.subscriptions = BYTES("a,b");
    expect(f, 0, store_add_key(f->store, &key, &f->err));
    expect(f, 0, store_revoke_key(f->store, 1, 77, &changed, &f->err));
    assert_true(changed);
    expect(f, 0, store_revoke_key(f->store, 1, 78, &changed, &f->err));
    assert_false(changed);
    fixture_commit(f);
    expect(f, 0, store_each_key(f->store, note_key, &text, &f->err));
    assert_string_equal(buf_text(&text), "1 n [] 77 s;2 n [a,b] 0 s;");
}

static void note_token(void *arg, const struct store_token *token)
{
    buf_addf(arg, "%d %.*s %d;", (int)token->row, BYTES_FMT(token->role),
             (int)token->revoked_at_ms);
}

static void tokens_are_kept(void **state)
{
    struct fixture *f = *state;
    cleanup(buf_done) struct buf text = {0};
    struct store_token token = {
        .name = BYTES("first"), .role = BYTES("admin"), .hash = {1}};
    int64_t row;
    bool changed;

    buf_init(&text, 200);
    fixture_begin(f);
    expect(f, 0, store_add_token(f->store, &token, &row, &f->err));
    expect(f, STORE_EXISTS, store_add_token(f->store, &token, &row, &f->err));
    expect(f, 0, store_revoke_token(f->store, row, 5, &changed, &f->err));
    fixture_commit(f);
    assert_true(changed);
    expect(f, 0, store_each_token(f->store, note_token, &text, &f->err));
    assert_string_equal(buf_text(&text), "1 admin 5;");
}

/* --- opening ------------------------------------------------------------------------ */

static void the_files_are_private(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    struct fixture *f = *state;

    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        struct stat info;
        char path[128];

        snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]);
        assert_int_equal(stat(path, &info), 0);
        if ((info.st_mode & 0777) != 0600)
            fail_msg("%s: got mode %o, want 600", path, info.st_mode & 0777);
    }
}

static void a_second_writer_is_told_who_holds_the_store(void **state)
{
    const struct store_options options = {0};
    struct fixture *f = *state;
    struct store *second;
    char pid[32];

    expect(f, -1, store_open(f->path, &options, &second, &f->err));
    assert_string_equal(f->err.code, "PA6001");
    assert_int_equal(f->err.exit_code, ERR_CONFLICT);
    snprintf(pid, sizeof(pid), "process %d", (int)getpid());
    if (strstr(f->err.text, pid) == NULL)
        fail_msg("got \"%s\", want it to name %s", f->err.text, pid);
}

static void a_store_that_is_not_for_us_is_refused(void **state)
{
    static const struct {
        const char *why, *change, *code;
    } cases[] = {
        {"newer", "PRAGMA user_version=1000", "PA6002"},
        {"foreign", "PRAGMA user_version=1; PRAGMA application_id=1", "PA6005"},
    };
    const struct store_options options = {0};
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        fixture_change(f, cases[i].change);
        if (store_open(f->path, &options, &f->store, &f->err) != -1)
            fail_msg("%s: accepted", cases[i].why);
        if (strcmp(f->err.code, cases[i].code) != 0 || f->err.exit_code != ERR_CONFIG)
            fail_msg("%s: got %s exit %d, want %s", cases[i].why, f->err.code,
                     (int)f->err.exit_code, cases[i].code);
        f->store = NULL;
    }
}

static void an_older_store_is_brought_up_to_date_with_what_it_holds(void **state)
{
    struct fixture *f = *state;
    int64_t row;

    fixture_begin(f);
    row = fixture_event(f, "{\"type\":\"track\"}", 1000, 0);
    fixture_commit(f);
    fixture_change(
        f, FIXTURE_VERSION_6
        "DROP TABLE install_step; DROP TABLE minute; DROP TABLE export;"
        "DROP TABLE user; DROP TABLE session; DROP TABLE invitation; DROP TABLE audit;"
        "DROP TABLE erasure; DROP TABLE hashing; DROP TABLE oauth_attempt; DROP "
        "TABLE install; ALTER TABLE search DROP COLUMN size;"
        " PRAGMA user_version=1");
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "SELECT id FROM event"), row);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM erasure"), 0);
}

static void room_ends_at_the_limit(void **state)
{
    static const struct {
        const char *why;
        struct store_options options;
        bool want;
    } cases[] = {
        {"no limits", {0}, true},
        {"far from the limit", {.disk_bytes = 1 << 30}, true},
        {"limit reached", {.disk_bytes = 4096}, false},
        {"free space asked for is there", {.free_bytes = 1}, true},
        {"more free space than any disk has", {.free_bytes = INT64_MAX}, false},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool got;

        store_close(f->store);
        f->store = NULL;
        expect(f, 0, store_open(f->path, &cases[i].options, &f->store, &f->err));
        got = store_has_room(f->store, 0);
        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
    }
    assert_true(store_bytes(f->store) > 0);
}

static void a_transaction_syncs_once(void **state)
{
    struct fixture *f = *state;
    uint64_t before = store_n_syncs(f->store);

    fixture_begin(f);
    for (int i = 0; i < 50; i++)
        fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    assert_int_equal(store_n_syncs(f->store), before + 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_was_committed_is_there_after_reopening),
        T(a_rollback_leaves_neither_event_nor_mark),
        T(marks_count_within_the_window_only),
        T(the_newest_of_two_with_one_mark_is_found),
        T(row_numbers_never_come_again),
        T(numbers_that_were_passed_never_come_again),
        T(a_late_event_is_refused),
        T(attempts_are_appended_and_an_end_is_final),
        T(only_dead_letters_are_discarded_or_superseded),
        T(what_is_due_comes_back_oldest_first),
        T(rows_of_the_range_are_looked_at_only),
        T(the_tally_is_saved_with_what_it_counts),
        T(names_keep_their_numbers),
        T(endpoints_stay_paused_until_resumed),
        T(keys_are_unique_by_hash_and_revoked_once),
        T(tokens_are_kept),
        T(the_files_are_private),
        T(a_second_writer_is_told_who_holds_the_store),
        T(a_store_that_is_not_for_us_is_refused),
        T(an_older_store_is_brought_up_to_date_with_what_it_holds),
        T(room_ends_at_the_limit),
        T(a_transaction_syncs_once),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
