/* SPDX-License-Identifier: MIT */

#include "store/store.h"

#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/inside.h"

/* A disk that is full is an answer; a disk that fails is the end. */

#define TRACK "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u1\"}"

/* Adds events until one is refused. */
static int64_t fill_up(struct fixture *f)
{
    struct store_event event = {.payload = BYTES(TRACK), .has_mark = true};
    int64_t row;

    do {
        row = store_next_row(f->store);
        event.row = row;
        event.mark = fixture_mark((unsigned)row);
    } while (store_add_event(f->store, &event, &f->err) == 0);
    return row;
}

static void a_full_disk_rolls_back_and_is_no_end(void **state)
{
    struct fixture *f = *state;
    struct dedupe_mark mark;
    int64_t first, row, at;

    fixture_begin(f);
    first = fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    expect(f, 0, sql_exec(f->store->sql, "PRAGMA max_page_count=60", &f->err));
    fixture_begin(f);
    row = fill_up(f);
    assert_string_equal(f->err.code, "PA6004");
    /* SQLite may have ended the transaction: nothing may slip in behind its back. */
    expect(f, -1, store_save_low_water(f->store, 7, &f->err));
    expect(f, STORE_FULL, store_commit(f->store, &f->err));
    assert_false(store_is_latched(f->store));
    mark = fixture_mark((unsigned)row - 1);
    expect(f, 0, store_find_mark(f->store, &mark, 0, &row, &at, &f->err));
    assert_int_equal(fixture_ask(f, "SELECT max(id) FROM event"), first);
    expect(f, 0, sql_exec(f->store->sql, "PRAGMA max_page_count=1000000", &f->err));
    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
}

static void limit_files(int64_t bytes)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < 0 ? limit.rlim_max : (rlim_t)bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_failed_write_latches_for_good(void **state)
{
    struct fixture *f = *state;
    struct stat info;
    char log[128];
    int64_t first;
    bool is_whole;

    snprintf(log, sizeof(log), "%s-wal", f->path);
    signal(SIGXFSZ, SIG_IGN);
    fixture_begin(f);
    first = fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    assert_int_equal(stat(log, &info), 0);
    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    limit_files(info.st_size);
    expect(f, -1, store_commit(f->store, &f->err));
    limit_files(-1);
    assert_string_equal(f->err.code, "PA6003");
    assert_true(store_is_latched(f->store));
    assert_false(store_has_room(f->store, 0));
    expect(f, -1, store_begin(f->store, &f->err));
    expect(f, -1, store_checkpoint(f->store, true, &f->err));
    expect(f, -1, sql_checkpoint(f->store->sql, SQL_PASSIVE, &is_whole, &f->err));
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "SELECT max(id) FROM event"), first);
}

static void a_write_that_fails_before_the_commit_latches_too(void **state)
{
    struct fixture *f = *state;

    signal(SIGXFSZ, SIG_IGN);
    fixture_begin(f);
    limit_files(1 << 20);
    fill_up(f); /* more than the cache holds: it spills into the log */
    limit_files(-1);
    assert_string_equal(f->err.code, "PA6003");
    assert_true(store_is_latched(f->store));
    store_rollback(f->store);
    assert_true(store_is_latched(f->store));
    expect(f, -1, store_begin(f->store, &f->err));
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM event"), 0);
}

static void a_failed_checkpoint_latches_for_good(void **state)
{
    struct fixture *f = *state;

    signal(SIGXFSZ, SIG_IGN);
    fixture_begin(f);
    for (int i = 0; i < 200; i++)
        fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
    limit_files(4096);
    expect(f, -1, store_checkpoint(f->store, /* is_idle= */ true, &f->err));
    limit_files(-1);
    assert_true(store_is_latched(f->store));
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM event"), 200);
}

static void a_lock_of_another_program_passes(void **state)
{
    struct fixture *f = *state;
    struct sql *other = NULL;

    expect(f, 0, sql_open(f->path, SQL_WRITE, &other, &f->err));
    expect(f, 0, sql_begin(other, &f->err));
    expect(f, 0, sql_exec(f->store->sql, "PRAGMA busy_timeout=0", &f->err));
    expect(f, -1, store_begin(f->store, &f->err));
    assert_string_equal(f->err.code, "PA6007");
    assert_false(store_is_latched(f->store));
    sql_rollback(other);
    sql_close(other);
    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
}

static void a_file_that_is_gone_is_the_end(void **state)
{
    struct fixture *f = *state;
    char aside[128];

    snprintf(aside, sizeof(aside), "%s-aside", f->path);
    expect(f, 0, store_check_place(f->store, 0, &f->err));
    assert_int_equal(rename(f->path, aside), 0);
    /* It has looked a moment ago. */
    expect(f, 0, store_check_place(f->store, 99, &f->err));
    expect(f, -1, store_check_place(f->store, 100, &f->err));
    assert_string_equal(f->err.code, "PA6008");
    assert_true(store_is_latched(f->store));
    expect(f, -1, store_begin(f->store, &f->err));
    assert_int_equal(rename(aside, f->path), 0);
    fixture_reopen(f);
    expect(f, 0, store_check_place(f->store, 0, &f->err));
}

static void what_fails_outside_a_transaction_dooms_none(void **state)
{
    struct fixture *f = *state;

    expect(f, -1, sql_exec(f->store->sql, "SELECT nothing", &f->err));
    fixture_begin(f);
    fixture_event(f, TRACK, 1000, 0);
    fixture_commit(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_full_disk_rolls_back_and_is_no_end),
        T(a_failed_write_latches_for_good),
        T(a_write_that_fails_before_the_commit_latches_too),
        T(a_failed_checkpoint_latches_for_good),
        T(a_lock_of_another_program_passes),
        T(a_file_that_is_gone_is_the_end),
        T(what_fails_outside_a_transaction_dooms_none),
    };

    return cmocka_run_group_tests_name("latch", tests, NULL, NULL);
}
