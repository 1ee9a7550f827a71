/* SPDX-License-Identifier: MIT */

#include "store/store.h"

#include "fixture.h"

#include <stdio.h>
#include <sys/stat.h>

#include "store/erase.h"
#include "store/sql.h"

static void add_replay(struct fixture *f, int64_t event, enum delivery_state state)
{
    int64_t replay;

    fixture_begin(f);
    expect(f, 0, store_add_replay(f->store, BYTES("is:dead"), 1, 1500, &replay, &f->err));
    expect(f, 0,
           store_put_delivery(f->store,
                              &(struct store_delivery){.row = store_next_row(f->store),
                                                       .event = event,
                                                       .replay = replay,
                                                       .subscription = 1,
                                                       .attempt_json = BYTES("{}"),
                                                       .state = state},
                              &f->err));
    fixture_commit(f);
}

static bool is_there(struct fixture *f, int64_t row)
{
    cleanup(buf_done) struct buf settings = {0};
    cleanup(buf_done) struct buf payload = {0};
    struct store_event event;

    buf_init(&settings, 100);
    buf_init(&payload, 1000);
    return store_load_event(f->store, row, &settings, &payload, &event, &f->err) == 1;
}

/* --- retention ---------------------------------------------------------------------- */

static void only_old_and_ended_events_leave(void **state)
{
    static const struct {
        const char *why;
        int64_t at_ms;
        enum delivery_state state, replay;
        bool is_kept;
    } cases[] = {
        {"delivered", 1000, DELIVERY_DELIVERED, DELIVERY_NONE, false},
        {"dead", 1000, DELIVERY_DEAD, DELIVERY_NONE, false},
        {"discarded", 1000, DELIVERY_DISCARDED, DELIVERY_NONE, false},
        {"on its way", 1000, DELIVERY_RETRYING, DELIVERY_NONE, true},
        {"not begun", 1000, DELIVERY_NONE, DELIVERY_NONE, true},
        {"its replay waits", 1000, DELIVERY_DEAD, DELIVERY_QUEUED, true},
        {"its replay ended", 1000, DELIVERY_DEAD, DELIVERY_DELIVERED, false},
        {"from the future, when the clock was wrong", 99999, DELIVERY_DELIVERED,
         DELIVERY_NONE, true},
        {"after one from the future", 1000, DELIVERY_DELIVERED, DELIVERY_NONE, false},
        {"last moment", 1999, DELIVERY_DELIVERED, DELIVERY_NONE, false},
        {"young enough", 2000, DELIVERY_DELIVERED, DELIVERY_NONE, true},
    };
    struct fixture *f = *state;
    int64_t rows[COUNT(cases)];
    size_t n = 1, total = 0;

    for (size_t i = 0; i < COUNT(cases); i++) {
        rows[i] = fixture_bought(f, cases[i].at_ms, cases[i].state, "u");
        if (cases[i].replay != DELIVERY_NONE)
            add_replay(f, rows[i], cases[i].replay);
    }
    fixture_index(f);
    for (int step = 0; step < 10; step++) {
        expect(f, 0, store_retain_step(f->store, 2000, 3000, 2, &n, &f->err));
        assert_true(n <= 2);
        total += n;
    }
    assert_int_equal(total, 6);
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (is_there(f, rows[i]) != cases[i].is_kept)
            fail_msg("%s: want %s", cases[i].why, cases[i].is_kept ? "kept" : "removed");
    }
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM search"), 5);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM delivery WHERE event NOT IN"
                                    " (SELECT id FROM event)"),
                     0);
}

static void events_that_wait_do_not_hold_up_the_others(void **state)
{
    struct fixture *f = *state;
    int64_t last = 0;
    size_t n, total = 0;

    fixture_begin(f);
    for (int i = 0; i < 3000; i++)
        fixture_event(f, "{}", 1000, 0);
    last = fixture_event(f, "{}", 1000, 0);
    fixture_settle(f, last, DELIVERY_DELIVERED);
    fixture_commit(f);
    fixture_index(f);
    for (int step = 0; step < 5; step++) {
        expect(f, 0, store_retain_step(f->store, 2000, 3000, 4, &n, &f->err));
        total += n;
    }
    assert_int_equal(total, 1);
    assert_false(is_there(f, last));
}

/* --- erasing ------------------------------------------------------------------------ */

static void erase(struct fixture *f, const char *user, int64_t up_to)
{
    fixture_begin(f);
    expect(f, 0, store_add_erasure(f->store, bytes_str(user), up_to, &f->err));
    fixture_commit(f);
}

/* How many steps it took. */
static size_t erase_round(struct fixture *f)
{
    size_t n_steps = 0;

    for (bool is_over = false; !is_over; n_steps++)
        expect(f, 0, store_erase_step(f->store, &is_over, &f->err));
    return n_steps;
}

static int64_t n_erased(struct fixture *f)
{
    return fixture_ask(f, "SELECT count(*) FROM event WHERE payload = x''");
}

static void a_user_is_forgotten_but_not_that_it_was_delivered(void **state)
{
    static const struct {
        const char *why, *payload;
        enum delivery_state state;
        bool is_erased;
    } cases[] = {
        {"by user id", "{\"type\":\"identify\",\"userId\":\"u1\"}", DELIVERY_DELIVERED,
         true},
        {"by anonymous id", "{\"type\":\"identify\",\"anonymousId\":\"u1\"}",
         DELIVERY_DEAD, true},
        {"another user", "{\"type\":\"identify\",\"userId\":\"u2\"}", DELIVERY_DELIVERED,
         false},
        {"on its way", "{\"type\":\"identify\",\"userId\":\"u1\"}", DELIVERY_RETRYING,
         false},
        {"not begun", "{\"type\":\"identify\",\"userId\":\"u1\"}", DELIVERY_NONE, false},
    };
    struct fixture *f = *state;
    cleanup(buf_done) struct buf settings = {0};
    cleanup(buf_done) struct buf payload = {0};
    int64_t rows[COUNT(cases)], later;

    buf_init(&settings, 100);
    buf_init(&payload, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        fixture_begin(f);
        rows[i] = fixture_event(f, cases[i].payload, 1000, 0);
        if (cases[i].state != DELIVERY_NONE)
            fixture_settle(f, rows[i], cases[i].state);
        fixture_commit(f);
    }
    later = fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    erase(f, "u1", later - 1);
    assert_true(erase_round(f) > 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct store_event event;

        buf_clear(&payload);
        expect(f, 1,
               store_load_event(f->store, rows[i], &settings, &payload, &event, &f->err));
        if ((event.payload.len == 0) != cases[i].is_erased)
            fail_msg("%s: want %s", cases[i].why, cases[i].is_erased ? "erased" : "kept");
    }
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM delivery WHERE detail IS NULL"),
                     2);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM search WHERE user = 'u1'"), 3);
}

static void an_erased_user_is_not_filed_any_more(void **state)
{
    struct fixture *f = *state;
    int64_t last = 0;

    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    (void)fixture_bought(f, 1000, DELIVERY_RETRYING, "u1");
    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u2");
    fixture_index(f);
    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    fixture_index(f);
    last = fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    erase(f, "u1", last);
    erase_round(f);
    assert_int_equal(n_erased(f), 3);
    /* The one on its way and the other user's: an id and a name each. */
    assert_int_equal(fixture_ask(f, "SELECT sum(length(entries)) FROM filed"), 2 * 2 * 8);
    assert_true(store_has_erasures(f->store));
    fixture_begin(f);
    fixture_settle(f, 2, DELIVERY_DELIVERED);
    fixture_commit(f);
    erase_round(f);
    assert_int_equal(n_erased(f), 4);
    assert_int_equal(fixture_ask(f, "SELECT sum(length(entries)) FROM filed"), 2 * 8);
    assert_false(store_has_erasures(f->store));
}

static void forget_a_user_of_many_events(struct fixture *f, bool is_filed)
{
    enum { MANY = 700 };

    fixture_begin(f);
    for (int i = 0; i < MANY; i++) {
        int64_t row =
            fixture_event(f, "{\"type\":\"identify\",\"userId\":\"u1\"}", 1000, 0);

        /* The first ones still wait: they must not hold up the rest. */
        if (i >= MANY / 2)
            fixture_settle(f, row, DELIVERY_DELIVERED);
    }
    fixture_commit(f);
    if (is_filed)
        fixture_index(f);
    erase(f, "u1", MANY);
    assert_true(erase_round(f) > 3);
    assert_int_equal(n_erased(f), MANY / 2);
}

static void a_user_of_many_events_is_forgotten_in_steps(void **state)
{
    forget_a_user_of_many_events(*state, /* is_filed= */ false);
}

static void also_when_the_events_are_filed(void **state)
{
    forget_a_user_of_many_events(*state, /* is_filed= */ true);
}

static void
who_is_on_the_way_is_forgotten_at_the_end_also_by_the_next_process(void **state)
{
    struct fixture *f = *state;
    int64_t late = fixture_bought(f, 1000, DELIVERY_RETRYING, "u1");
    int64_t replayed = fixture_bought(f, 1000, DELIVERY_DEAD, "u1");

    add_replay(f, replayed, DELIVERY_QUEUED);
    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    erase(f, "u1", replayed + 10);
    erase(f, "nobody", replayed + 10);
    fixture_reopen(f);
    erase_round(f);
    assert_int_equal(n_erased(f), 1);
    assert_true(store_has_erasures(f->store));

    fixture_reopen(f);
    fixture_begin(f);
    fixture_settle(f, late, DELIVERY_DELIVERED);
    fixture_commit(f);
    erase_round(f);
    assert_int_equal(n_erased(f), 2);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM erasure"), 1);
}

static void an_erasure_that_was_done_is_forgotten_too(void **state)
{
    struct fixture *f = *state;

    erase(f, "u1", fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1"));
    erase(f, "u1", fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1"));
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM erasure"), 1);
    erase_round(f);
    assert_int_equal(n_erased(f), 2);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM erasure"), 0);
    assert_false(store_has_erasures(f->store));
    erase(f, "", 1000);
    assert_false(store_has_erasures(f->store));
}

static bool file_has(const char *path, const char *suffix, const char *needle)
{
    char name[128];
    cleanup(buf_done) struct buf content = {0};
    FILE *file;
    size_t n = 1;

    snprintf(name, sizeof(name), "%s%s", path, suffix);
    buf_init(&content, 64 << 20);
    file = fopen(name, "re");
    while (file != NULL && n > 0) {
        char *room = buf_room(&content, 65536);

        n = fread(room, 1, 65536, file);
        buf_grew(&content, n);
    }
    if (file != NULL)
        fclose(file);
    return bytes_find(buf_bytes(&content), bytes_str(needle)) < content.len;
}

static void nothing_of_an_erased_payload_is_left_on_the_disk(void **state)
{
    static char payload[30000]; /* overflow pages */
    struct fixture *f = *state;

    memset(payload, ' ', sizeof(payload) - 1);
    memcpy(payload, "{\"type\":\"identify\",\"userId\":\"u1\",", 33);
    memcpy(payload + 20000, "\"traits\":{\"name\":\"Unforgettable\"}}", 34);
    fixture_begin(f);
    fixture_settle(f, fixture_event(f, payload, 1000, 0), DELIVERY_DELIVERED);
    fixture_commit(f);
    assert_true(file_has(f->path, "-wal", "Unforgettable"));
    erase(f, "u1", 1000);
    erase_round(f);
    assert_int_equal(n_erased(f), 1);
    assert_false(file_has(f->path, "", "Unforgettable"));
    assert_false(file_has(f->path, "-wal", "Unforgettable"));
}

/* --- the log ------------------------------------------------------------------------ */

static void the_log_moves_when_idle_or_large(void **state)
{
    struct fixture *f = *state;

    fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    expect(f, 0, store_checkpoint(f->store, /* is_idle= */ false, &f->err));
    assert_false(file_has(f->path, "", "Bought"));
    expect(f, 0, store_checkpoint(f->store, /* is_idle= */ true, &f->err));
    assert_true(file_has(f->path, "", "Bought"));
}

static int64_t log_file_bytes(const struct fixture *f)
{
    char name[128];
    struct stat info;

    snprintf(name, sizeof(name), "%s-wal", f->path);
    assert_int_equal(stat(name, &info), 0);
    return (int64_t)info.st_size;
}

/* As keeper does: nothing is let in without room, and the log is moved now and then. */
static void write_while_there_is_room(struct fixture *f, int64_t most_bytes)
{
    static char payload[1 << 20];
    int64_t now_ms = 0;

    memset(payload, ' ', sizeof(payload) - 1);
    memcpy(payload, "{}", 2);
    while (store_has_room(f->store, now_ms += 1000) && log_file_bytes(f) < most_bytes) {
        fixture_begin(f);
        for (int i = 0; i < 8; i++)
            fixture_event(f, payload, 1000, 0);
        fixture_commit(f);
        expect(f, 0, store_checkpoint(f->store, /* is_idle= */ false, &f->err));
    }
}

static void the_log_has_a_limit_also_while_readers_hold_old_snapshots(void **state)
{
    enum { LIMIT = 256 << 20, BATCH = 9 << 20 };
    struct fixture *f = *state;
    struct sql *reader;
    int64_t n_events;

    (void)fixture_bought(f, 1000, DELIVERY_DELIVERED, "u1");
    expect(f, 0, sql_open(f->path, SQL_READ, &reader, &f->err));
    expect(f, 0, sql_begin(reader, &f->err));
    expect(f, 0, sql_number(reader, "SELECT count(*) FROM event", 0, &n_events, &f->err));
    write_while_there_is_room(f, 2 * (int64_t)LIMIT);
    assert_false(store_has_room(f->store, INT32_MAX));
    assert_in_range(log_file_bytes(f), LIMIT, LIMIT + BATCH);

    sql_close(reader);
    expect(f, 0, store_checkpoint(f->store, /* is_idle= */ true, &f->err));
    assert_true(store_has_room(f->store, INT32_MAX));
    assert_int_equal(log_file_bytes(f), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(only_old_and_ended_events_leave),
        T(events_that_wait_do_not_hold_up_the_others),
        T(a_user_is_forgotten_but_not_that_it_was_delivered),
        T(an_erased_user_is_not_filed_any_more),
        T(a_user_of_many_events_is_forgotten_in_steps),
        T(also_when_the_events_are_filed),
        T(who_is_on_the_way_is_forgotten_at_the_end_also_by_the_next_process),
        T(an_erasure_that_was_done_is_forgotten_too),
        T(nothing_of_an_erased_payload_is_left_on_the_disk),
        T(the_log_moves_when_idle_or_large),
        T(the_log_has_a_limit_also_while_readers_hold_old_snapshots),
    };

    return cmocka_run_group_tests_name("upkeep", tests, NULL, NULL);
}
