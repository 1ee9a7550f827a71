/* SPDX-License-Identifier: MIT */

#include "store/installs.h"

#include "fixture.h"

#include <stdio.h>

#include "store/inside.h"
#include "store/install_steps.h"
#include "store/migrate.h"
#include "store/reader.h"
#include "store/sql.h"

enum { NOW = 1000000, LIFE = 600000 };

static void hash_of(unsigned number, uint8_t ret_hash[STORE_HASH_LEN])
{
    memset(ret_hash, 0, STORE_HASH_LEN);
    memcpy(ret_hash, &number, sizeof(number));
}

/* An attempt whose state is @state and whose cookie is @state + 1000. */
static int64_t add_attempt(struct fixture *f, unsigned state, int64_t now_ms)
{
    struct store_oauth_attempt attempt = {.subscription = BYTES("hello"),
                                          .sealed = BYTES("v\0erifier"),
                                          .expires_at_ms = now_ms + LIFE};

    hash_of(state, attempt.state_hash);
    hash_of(state + 1000, attempt.cookie_hash);
    fixture_begin(f);
    expect(f, 0, store_new_attempt_row(f->store, &attempt.row, &f->err));
    expect(f, 0, store_add_attempt(f->store, &attempt, now_ms, &f->err));
    fixture_commit(f);
    return attempt.row;
}

static int take_one(struct fixture *f, unsigned state, unsigned cookie, int64_t now_ms,
                    struct arena *arena, struct store_oauth_attempt *attempt)
{
    struct store_claim claim = {.now_ms = now_ms};
    int answer;

    hash_of(state, claim.state_hash);
    hash_of(cookie, claim.cookie_hash);
    fixture_begin(f);
    answer = store_take_attempt(f->store, &claim, arena, attempt, &f->err);
    fixture_commit(f);
    return answer;
}

static void an_attempt_is_taken_once_by_its_browser_in_time(void **state)
{
    static const struct {
        const char *why;
        unsigned state, cookie;
        int64_t after_ms;
        int want;
        int64_t n_left;
    } cases[] = {
        {"nobody began it", 8, 1008, 1, STORE_NONE, 1},
        {"another browser's cookie leaves it", 7, 1008, 1, STORE_NONE, 1},
        {"no cookie leaves it", 7, 0, 1, STORE_NONE, 1},
        {"its own browser takes it", 7, 1007, LIFE - 1, 0, 0},
        {"too late, and it goes", 7, 1007, LIFE, STORE_LATE, 0},
        {"another browser, too late: upkeep's", 7, 1008, LIFE, STORE_NONE, 1},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(arena_done) struct arena arena = {0};
        struct store_oauth_attempt attempt;
        int64_t row = add_attempt(f, 7, NOW);
        int got = take_one(f, cases[i].state, cases[i].cookie, NOW + cases[i].after_ms,
                           &arena, &attempt);
        int64_t n_left = fixture_ask(f, "SELECT count(*) FROM oauth_attempt");

        if (got != cases[i].want || n_left != cases[i].n_left)
            fail_msg("%s: got %d, %lld left, want %d, %lld", cases[i].why, got,
                     (long long)n_left, cases[i].want, (long long)cases[i].n_left);
        if (got == 0 && (attempt.row != row || attempt.expires_at_ms != NOW + LIFE ||
                         !bytes_eq(attempt.subscription, BYTES("hello")) ||
                         !bytes_eq(attempt.sealed, BYTES("v\0erifier"))))
            fail_msg("%s: not what was put in", cases[i].why);
        if (got == 0)
            assert_int_equal(take_one(f, 7, 1007, NOW, &arena, &attempt), STORE_NONE);
        fixture_begin(f);
        expect(f, 0, sql_exec(f->store->sql, "DELETE FROM oauth_attempt", &f->err));
        fixture_commit(f);
    }
}

static void an_attempt_survives_a_restart_and_a_rollback(void **state)
{
    cleanup(arena_done) struct arena arena = {0};
    struct store_oauth_attempt attempt;
    struct store_claim claim = {.now_ms = NOW};
    struct fixture *f = *state;

    add_attempt(f, 7, NOW);
    fixture_reopen(f);
    hash_of(7, claim.state_hash);
    hash_of(1007, claim.cookie_hash);
    fixture_begin(f);
    expect(f, 0, store_take_attempt(f->store, &claim, &arena, &attempt, &f->err));
    store_rollback(f->store);
    assert_int_equal(take_one(f, 7, 1007, NOW, &arena, &attempt), 0);
}

static void a_state_is_there_once(void **state)
{
    struct store_oauth_attempt attempt = {.expires_at_ms = NOW + LIFE};
    struct fixture *f = *state;

    add_attempt(f, 7, NOW);
    hash_of(7, attempt.state_hash);
    fixture_begin(f);
    expect(f, 0, store_new_attempt_row(f->store, &attempt.row, &f->err));
    assert_int_equal(store_add_attempt(f->store, &attempt, NOW, &f->err), STORE_EXISTS);
    fixture_commit(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM oauth_attempt"), 1);
}

static void what_has_expired_goes(void **state)
{
    enum { GONE = LIFE + STORE_LATE_MS };
    struct fixture *f = *state;
    size_t n;

    for (unsigned i = 0; i < 10; i++)
        add_attempt(f, i, NOW + i);
    expect(f, 0, store_expire_step(f->store, NOW + GONE - 1, 100, &n, &f->err));
    assert_int_equal(n, 0);
    expect(f, 0, store_expire_step(f->store, NOW + GONE + 5, 4, &n, &f->err));
    assert_int_equal(n, 4);
    expect(f, 0, store_expire_step(f->store, NOW + GONE + 5, 4, &n, &f->err));
    assert_int_equal(n, 2);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM oauth_attempt"), 4);
    add_attempt(f, 20, NOW + GONE + 7); /* a new one removes some, too */
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM oauth_attempt"), 3);
}

static void looking_for_what_has_expired_writes_nothing_in_vain(void **state)
{
    struct fixture *f = *state;
    uint64_t before;
    size_t n;

    add_attempt(f, 1, NOW);
    before = store_n_syncs(f->store);
    expect(f, 0, store_expire_step(f->store, NOW, 100, &n, &f->err));
    assert_int_equal(store_n_syncs(f->store), before);
}

static void a_flood_of_attempts_drives_the_oldest_out(void **state)
{
    struct store_oauth_attempt attempt = {.expires_at_ms = NOW + LIFE};
    struct fixture *f = *state;

    fixture_begin(f);
    for (unsigned i = 0; i < STORE_MAX_ATTEMPTS + 100; i++) {
        hash_of(i, attempt.state_hash);
        expect(f, 0, store_new_attempt_row(f->store, &attempt.row, &f->err));
        expect(f, 0, store_add_attempt(f->store, &attempt, NOW, &f->err));
    }
    fixture_commit(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM oauth_attempt"),
                     STORE_MAX_ATTEMPTS);
    assert_int_equal(fixture_ask(f, "SELECT min(id) FROM oauth_attempt"), 101);
}

/* --- installs --------------------------------------------------------------------- */

static struct store_install whole(int64_t row, int64_t number)
{
    return (struct store_install){
        .row = row,
        .number = number,
        .app = BYTES("apps/2"),
        .workspace = BYTES("workspaces/acme"),
        .source = BYTES("workspaces/acme/sources/web"),
        .scope = BYTES("destination/hello"),
        .subscription = BYTES("hello"),
        .destination = BYTES("workspaces/acme/sources/web/destinations/hello"),
        .state = BYTES("enabled"),
        .sealed = BYTES("to\0ken"),
        .expires_at_ms = 5000,
        .generation = 3,
        .key = 9,
        .was_created = true,
        .drift = BYTES("[]"),
        .fault = BYTES("PA3001"),
        .created_at_ms = 10,
        .updated_at_ms = 11,
        .synced_at_ms = 12,
    };
}

static bool is_same(const struct store_install *a, const struct store_install *b)
{
    return a->row == b->row && a->number == b->number && bytes_eq(a->app, b->app) &&
           bytes_eq(a->workspace, b->workspace) && bytes_eq(a->source, b->source) &&
           bytes_eq(a->scope, b->scope) && bytes_eq(a->subscription, b->subscription) &&
           bytes_eq(a->destination, b->destination) && bytes_eq(a->state, b->state) &&
           bytes_eq(a->sealed, b->sealed) && a->expires_at_ms == b->expires_at_ms &&
           a->generation == b->generation && a->key == b->key &&
           a->was_created == b->was_created && bytes_eq(a->drift, b->drift) &&
           bytes_eq(a->fault, b->fault) && a->created_at_ms == b->created_at_ms &&
           a->updated_at_ms == b->updated_at_ms && a->synced_at_ms == b->synced_at_ms;
}

static int64_t put(struct fixture *f, const struct store_install *install)
{
    int64_t row = 0;

    fixture_begin(f);
    expect(f, 0, store_put_install(f->store, install, &row, &f->err));
    fixture_commit(f);
    return row;
}

static int64_t new_row(struct fixture *f)
{
    int64_t row;

    expect(f, 0, store_new_install_row(f->store, &row, &f->err));
    return row;
}

static void every_member_comes_back(void **state)
{
    struct fixture *f = *state;
    struct store_install installs[] = {
        whole(new_row(f), 7),
        {.row = new_row(f), .number = 8}, /* all that may be empty is */
    };

    for (size_t i = 0; i < COUNT(installs); i++) {
        cleanup(arena_done) struct arena arena = {0};
        struct store_install got;

        assert_int_equal(put(f, &installs[i]), installs[i].row);
        fixture_reopen(f);
        expect(f, 0,
               store_find_install(f->store, installs[i].number, &arena, &got, &f->err));
        if (!is_same(&got, &installs[i]))
            fail_msg("install %zu is not what was put in", i);
        assert_int_equal(
            store_find_install(f->store, installs[i].number + 100, &arena, &got, &f->err),
            STORE_NONE);
    }
}

static void an_install_goes_where_its_number_is(void **state)
{
    static const struct {
        const char *why;
        int64_t row, number;
        bool has_token;
        int want;
        int64_t want_row, want_n;
    } cases[] = {
        {"its own row again", 1, 7, true, 0, 1, 2},
        {"a new row for a number that is there keeps the old row", 3, 7, false, 0, 1, 2},
        {"no row for a number that is there", 0, 8, false, 0, 2, 2},
        {"a token that would not open there is refused", 3, 7, true, -1, 0, 2},
        {"a token that is sealed for no row is refused", 0, 9, true, -1, 0, 2},
        {"a new number in a new row", 3, 9, true, 0, 3, 3},
        {"a new number without a row gets one", 0, 10, false, 0, 5, 4},
        {"another number in the same row", 1, 11, true, 0, 1, 4},
    };
    struct fixture *f = *state;
    struct store_install first = whole(1, 7), second = whole(2, 8);

    put(f, &first);
    put(f, &second);
    assert_int_equal(new_row(f), 3);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct store_install install = whole(cases[i].row, cases[i].number);
        int64_t row = 0, n;
        int got;

        install.generation = 100 + (int64_t)i;
        if (!cases[i].has_token)
            install.sealed = bytes_of(NULL, 0);
        fixture_begin(f);
        got = store_put_install(f->store, &install, &row, &f->err);
        fixture_commit(f);
        n = fixture_ask(f, "SELECT count(*) FROM install");
        if (got != cases[i].want || row != cases[i].want_row || n != cases[i].want_n)
            fail_msg("%s: got %d, row %lld of %lld", cases[i].why, got, (long long)row,
                     (long long)n);
        if (got == 0 &&
            fixture_ask(f, "SELECT max(generation) FROM install") != install.generation)
            fail_msg("%s: the row is as before", cases[i].why);
    }
}

static void a_token_of_the_same_generation_stays_as_it_is_stored(void **state)
{
    static const struct {
        const char *why;
        int64_t generation;
        struct bytes sealed, want;
    } cases[] = {
        {"a copy that is older than a rotation", 3, {"copy", 4}, {"as stored", 9}},
        {"a new token", 4, {"new", 3}, {"new", 3}},
        {"the token is given up", 4, {"", 0}, {"", 0}},
    };
    struct fixture *f = *state;
    struct store_install install = whole(1, 7);

    install.sealed = BYTES("as stored");
    put(f, &install);
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(arena_done) struct arena arena = {0};
        struct store_install got;

        install.sealed = cases[i].sealed;
        install.generation = cases[i].generation;
        put(f, &install);
        expect(f, 0, store_find_install(f->store, 7, &arena, &got, &f->err));
        if (!bytes_eq(got.sealed, cases[i].want))
            fail_msg("%s: got %.*s", cases[i].why, BYTES_FMT(got.sealed));
    }
}

static void of_many_who_renew_one_wins(void **state)
{
    enum { REFRESHERS = 50 };
    cleanup(arena_done) struct arena arena = {0};
    struct fixture *f = *state;
    struct store_install install = whole(1, 7), got;
    size_t n_won = 0;
    bool won;

    put(f, &install);
    for (size_t i = 0; i < REFRESHERS; i++) { /* each a transaction, as keeper's are */
        char token[16];
        struct store_renewal renewal = {
            .row = 1, .generation = 3, .expires_at_ms = 9000 + (int64_t)i};

        snprintf(token, sizeof(token), "token %zu", i);
        renewal.sealed = bytes_str(token);
        renewal.now_ms = 100 + (int64_t)i;
        fixture_begin(f);
        expect(f, 0, store_renew_install(f->store, &renewal, &won, &f->err));
        fixture_commit(f);
        n_won += won;
    }
    assert_int_equal(n_won, 1);
    expect(f, 0, store_find_install(f->store, 7, &arena, &got, &f->err));
    install.sealed = BYTES("token 0");
    install.expires_at_ms = 9000;
    install.updated_at_ms = 100;
    install.generation = 4;
    assert_true(is_same(&got, &install));
    fixture_begin(f);
    expect(f, 0,
           store_renew_install(f->store,
                               &(struct store_renewal){.row = 2, .generation = 3}, &won,
                               &f->err));
    fixture_commit(f);
    assert_false(won); /* nobody's */
}

static void a_forgotten_install_is_gone_and_its_row_never_comes_again(void **state)
{
    struct fixture *f = *state;
    struct store_install install = whole(new_row(f), 7);
    bool changed;

    put(f, &install);
    for (int i = 0; i < 2; i++) {
        fixture_begin(f);
        expect(f, 0, store_forget_install(f->store, install.row, &changed, &f->err));
        fixture_commit(f);
        assert_int_equal(changed, i == 0);
    }
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM install"), 0);
    fixture_reopen(f);
    assert_int_equal(new_row(f), install.row + 1);
    assert_int_equal(new_row(f), install.row + 2);
}

static void the_last_steps_of_an_install_stay_as_long_as_it_does(void **state)
{
    struct fixture *f = *state;
    struct store_install install = whole(new_row(f), 7);
    struct reader *reader;
    struct buf lines, steps;
    bool changed;

    put(f, &install);
    buf_init(&lines, 4096);
    buf_init(&steps, 4096);
    for (int i = 0; i < STORE_STEPS + 5; i++)
        buf_addf(&lines, "{\"n\":%d}\n", i);
    fixture_begin(f);
    expect(f, 0, store_add_install_steps(f->store, 7, buf_bytes(&lines), &f->err));
    expect(f, 0, store_add_install_steps(f->store, 8, BYTES("{}\n"), &f->err));
    fixture_commit(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM install_step"),
                     STORE_STEPS + 1);
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, reader_install_steps(reader, 7, &steps, &f->err));
    assert_true(bytes_starts(buf_bytes(&steps), BYTES("{\"n\":54},{\"n\":53},")));
    assert_true(bytes_ends(buf_bytes(&steps), BYTES(",{\"n\":5}")));
    reader_close(reader);
    fixture_begin(f);
    expect(f, 0, store_forget_install(f->store, install.row, &changed, &f->err));
    fixture_commit(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM install_step"), 1);
    buf_done(&steps);
    buf_done(&lines);
}

struct seen {
    int64_t numbers[4];
    size_t n, n_tokens;
};

static void see(void *arg, const struct store_install *install)
{
    struct seen *seen = arg;

    seen->numbers[seen->n++] = install->number;
    seen->n_tokens += install->sealed.len > 0;
}

static void a_reader_sees_all_but_the_tokens(void **state)
{
    struct fixture *f = *state;
    struct reader *reader;
    struct seen writers = {0}, readers = {0};
    struct store_install installs[] = {whole(1, 30), whole(2, 10), whole(3, 20)};

    for (size_t i = 0; i < COUNT(installs); i++)
        put(f, &installs[i]);
    expect(f, 0, store_each_install(f->store, see, &writers, &f->err));
    expect(f, 0, reader_open(f->path, &reader, &f->err));
    expect(f, 0, reader_each_install(reader, see, &readers, &f->err));
    reader_close(reader);
    assert_int_equal(writers.n, 3);
    assert_int_equal(writers.n_tokens, 3);
    assert_int_equal(readers.n_tokens, 0);
    assert_int_equal(readers.n, 3);
    for (size_t i = 0; i < 3; i++) /* newest first */
        assert_int_equal(readers.numbers[i], installs[2 - i].number);
}

static void a_store_of_version_2_keeps_what_it_holds(void **state)
{
    struct fixture *f = *state;
    struct sql *sql;
    int64_t row;

    fixture_begin(f);
    row = fixture_event(f, "{\"type\":\"track\"}", 1000, 0);
    fixture_commit(f);
    store_close(f->store);
    f->store = NULL;
    expect(f, 0, sql_open(f->path, SQL_WRITE, &sql, &f->err));
    expect(f, 0,
           sql_exec(sql,
                    FIXTURE_VERSION_6
                    "DROP TABLE install_step; DROP TABLE minute; DROP TABLE export;"
                    "DROP TABLE user; DROP TABLE session; DROP TABLE invitation; DROP "
                    "TABLE audit;"
                    "DROP TABLE hashing; DROP TABLE oauth_attempt; DROP TABLE install;"
                    "ALTER TABLE search DROP COLUMN size;"
                    "INSERT INTO erasure VALUES (1, 'u1', 5);"
                    "INSERT INTO key VALUES (1, 'k', '', x'01', x'02', 3, 0);"
                    "PRAGMA user_version=2",
                    &f->err));
    sql_close(sql);
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "PRAGMA user_version"), migrate_n_steps);
    assert_int_equal(fixture_ask(f, "SELECT id FROM event"), row);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM erasure"), 1);
    assert_int_equal(fixture_ask(f, "SELECT created_at FROM key"), 3);
    assert_int_equal(new_row(f), 1);
    add_attempt(f, 1, NOW);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_attempt_is_taken_once_by_its_browser_in_time),
        T(an_attempt_survives_a_restart_and_a_rollback),
        T(a_state_is_there_once),
        T(what_has_expired_goes),
        T(looking_for_what_has_expired_writes_nothing_in_vain),
        T(a_flood_of_attempts_drives_the_oldest_out),
        T(every_member_comes_back),
        T(an_install_goes_where_its_number_is),
        T(a_token_of_the_same_generation_stays_as_it_is_stored),
        T(of_many_who_renew_one_wins),
        T(a_forgotten_install_is_gone_and_its_row_never_comes_again),
        T(the_last_steps_of_an_install_stay_as_long_as_it_does),
        T(a_reader_sees_all_but_the_tokens),
        T(a_store_of_version_2_keeps_what_it_holds),
    };

    return cmocka_run_group_tests_name("installs", tests, NULL, NULL);
}
