/* SPDX-License-Identifier: MIT */

#include "store/reseal.h"

#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "store/inside.h"
#include "store/installs.h"
#include "store/master_key.h"
#include "store/sql.h"
#include "store/vault.h"

enum { EVENTS = 700, SETTINGS_MAX = 400 };

/* A store with sealed values of every kind and the vault that sealed them. */
struct couple {
    struct fixture *f;
    struct vault *vault;
    char key_file[96];
    uint8_t hash[VAULT_HASH_LEN]; /* of "pat_x" */
};

static void open_vault(struct couple *couple)
{
    vault_free(couple->vault);
    couple->vault = NULL;
    expect(couple->f, 0,
           vault_open(couple->key_file, true, &couple->vault, &couple->f->err));
    expect(couple->f, 0, reseal_marry(couple->f->store, couple->vault, &couple->f->err));
}

static void put(struct couple *couple, const char *literal, const char *context,
                int64_t row)
{
    cleanup(buf_done) struct buf sealed = {0};
    struct sql_statement *insert =
        sql_use(couple->f->store->sql, literal, &couple->f->err);

    assert_non_null(insert);
    buf_init(&sealed, SETTINGS_MAX);
    assert_int_equal(vault_seal(couple->vault, context, row, BYTES("secret"), &sealed),
                     0);
    sql_bind(insert, 1, row);
    sql_bind_blob(insert, 2, buf_bytes(&sealed));
    expect(couple->f, 0, sql_run(insert, &couple->f->err));
}

#define PUT_EVENT "INSERT INTO event VALUES (?1, 1, 1, 0, NULL, x'00', ?2, x'7b7d')"

static void fill(struct couple *couple)
{
    fixture_begin(couple->f);
    for (int64_t row = 1; row <= EVENTS; row++)
        put(couple, PUT_EVENT, "settings", row);
    for (int64_t row = 1; row <= 5; row++) {
        put(couple, "INSERT INTO key VALUES (?1, 'k', '', randomblob(16), ?2, 1, 0)",
            "key", row);
        put(couple,
            "INSERT INTO install (id, number, sealed, expires_at, generation, key,"
            " was_created, created_at, updated_at, synced_at)"
            " VALUES (?1, ?1, ?2, 0, 0, 0, 0, 0, 0, 0)",
            INSTALLS_TOKEN, row);
        put(couple,
            "INSERT INTO oauth_attempt VALUES (?1, randomblob(16), x'00', NULL, ?2, 9)",
            INSTALLS_ATTEMPT, row);
    }
    expect(couple->f, 0,
           sql_exec(couple->f->store->sql,
                    "INSERT INTO event VALUES (10000, 1, 1, 0, NULL, x'00', NULL, x'7b')",
                    &couple->f->err));
    fixture_commit(couple->f);
}

static int couple_up(void **state)
{
    struct couple *couple = calloc(1, sizeof(*couple));

    assert_non_null(couple);
    assert_int_equal(fixture_up(state), 0);
    couple->f = *state;
    snprintf(couple->key_file, sizeof(couple->key_file), "%s/master.key",
             couple->f->folder);
    *state = couple;
    open_vault(couple);
    fill(couple);
    vault_hash(couple->vault, "token", BYTES("pat_x"), couple->hash);
    return 0;
}

static int couple_down(void **state)
{
    struct couple *couple = *state;
    void *fixture = couple->f;

    vault_free(couple->vault);
    unlink(couple->key_file);
    free(couple);
    return fixture_down(&fixture);
}

static void step(struct couple *couple, struct reseal *reseal)
{
    fixture_begin(couple->f);
    expect(couple->f, 0,
           reseal_step(couple->f->store, couple->vault, reseal, &couple->f->err));
    fixture_commit(couple->f);
}

static int count_unopened(struct couple *couple, const char *literal, const char *context)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(couple->f->store->sql, literal, &couple->f->err);
    int n = 0;

    assert_non_null(walk);
    while (sql_step(walk, &couple->f->err) == SQL_ROW) {
        cleanup(buf_done) struct buf plain = {0};

        buf_init(&plain, SETTINGS_MAX);
        n += !vault_unseal(couple->vault, context, sql_i64(walk, 0), sql_bytes(walk, 1),
                           &plain) ||
             !bytes_eq(buf_bytes(&plain), BYTES("secret"));
    }
    return n;
}

/* Everything opens, and what is known by its hash still is. */
static void check_all(struct couple *couple, const char *when)
{
    uint8_t hash[VAULT_HASH_LEN];
    int n =
        count_unopened(couple,
                       "SELECT id, settings FROM event WHERE settings IS NOT NULL",
                       "settings") +
        count_unopened(couple, "SELECT id, sealed FROM key", "key") +
        count_unopened(couple, "SELECT id, sealed FROM install", INSTALLS_TOKEN) +
        count_unopened(couple, "SELECT id, sealed FROM oauth_attempt", INSTALLS_ATTEMPT);

    if (n != 0)
        fail_msg("%s: %d values do not open", when, n);
    vault_hash(couple->vault, "token", BYTES("pat_x"), hash);
    if (memcmp(hash, couple->hash, sizeof(hash)) != 0)
        fail_msg("%s: hashes are others", when);
}

static void rotate_to_the_end(struct couple *couple, struct reseal *reseal)
{
    while (!reseal->is_over)
        step(couple, reseal);
    assert_int_equal(reseal->n_broken, 0);
    expect(couple->f, 0, vault_drop_old_keys(couple->vault, &couple->f->err));
}

static void a_rotation_seals_all_anew_and_hashes_stay(void **state)
{
    struct couple *couple = *state;
    struct reseal reseal = {0};
    char before[32], after[32];
    FILE *file = fopen(couple->key_file, "re");

    assert_non_null(file);
    assert_int_equal(fread(before, 1, 32, file), 32);
    fclose(file);
    expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
    assert_true(vault_has_old_keys(couple->vault));
    check_all(couple, "with both keys");
    rotate_to_the_end(couple, &reseal);
    assert_int_equal(reseal.n_done, EVENTS + 15 + 1);
    assert_false(vault_has_old_keys(couple->vault));
    check_all(couple, "with the new key");
    open_vault(couple);
    check_all(couple, "after a restart");
    /* The old key alone opens nothing more. */
    file = fopen(couple->key_file, "re");
    assert_non_null(file);
    assert_int_equal(fread(after, 1, 32, file), 32);
    fclose(file);
    assert_memory_not_equal(before, after, 32);
    file = fopen(couple->key_file, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(before, 1, 32, file), 32);
    fclose(file);
    vault_free(couple->vault);
    expect(couple->f, 0,
           vault_open(couple->key_file, false, &couple->vault, &couple->f->err));
    assert_int_equal(reseal_marry(couple->f->store, couple->vault, &couple->f->err), -1);
    assert_string_equal(couple->f->err.code, "PA1031");
    assert_int_equal(count_unopened(couple, "SELECT id, sealed FROM key", "key"), 5);
}

static void a_rotation_may_be_killed_after_any_step(void **state)
{
    struct couple *couple = *state;

    for (int n_steps = 0; n_steps < 24; n_steps++) {
        struct reseal reseal = {0};

        if (!vault_has_old_keys(couple->vault))
            expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
        for (int i = 0; i < n_steps && !reseal.is_over; i++)
            step(couple, &reseal);
        fixture_reopen(couple->f); /* what was in memory is gone */
        open_vault(couple);
        assert_true(vault_has_old_keys(couple->vault));
        check_all(couple, "after a kill");
        if (n_steps % 3 == 2) {
            reseal = (struct reseal){0};
            rotate_to_the_end(couple, &reseal);
            check_all(couple, "at the end");
        }
    }
}

static void what_comes_in_meanwhile_has_the_new_key(void **state)
{
    struct couple *couple = *state;
    struct reseal reseal = {0};
    int64_t row = EVENTS;

    expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
    while (!reseal.is_over) {
        step(couple, &reseal);
        fixture_begin(couple->f);
        if (row < EVENTS + 100)
            put(couple, PUT_EVENT, "settings", ++row);
        fixture_commit(couple->f);
    }
    assert_int_equal(reseal.n_done, EVENTS + 15 + 1);
    expect(couple->f, 0, vault_drop_old_keys(couple->vault, &couple->f->err));
    check_all(couple, "under load");
}

/* Whoever sealed just before the rotation and stores it behind the walk's back. */
static void a_late_value_with_the_old_key_is_found_by_another_walk(void **state)
{
    cleanup(buf_done) struct buf late = {0};
    struct couple *couple = *state;
    struct reseal reseal = {0};
    struct sql_statement *insert;

    buf_init(&late, SETTINGS_MAX);
    vault_seal(couple->vault, "key", 6, BYTES("secret"), &late);
    expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
    while (reseal.part < 4)
        step(couple, &reseal);
    fixture_begin(couple->f);
    insert =
        sql_use(couple->f->store->sql,
                "INSERT INTO key VALUES (6, 'k', '', x'00', ?1, 1, 0)", &couple->f->err);
    assert_non_null(insert);
    sql_bind_blob(insert, 1, buf_bytes(&late));
    expect(couple->f, 0, sql_run(insert, &couple->f->err));
    fixture_commit(couple->f);
    rotate_to_the_end(couple, &reseal);
    assert_int_equal(reseal.n_done, EVENTS + 15 + 1 + 1);
    open_vault(couple);
    check_all(couple, "after a restart");
}

static void a_step_is_bounded(void **state)
{
    struct couple *couple = *state;
    struct reseal reseal = {0};

    expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
    while (!reseal.is_over) {
        int64_t before = reseal.n_done;

        step(couple, &reseal);
        assert_true(reseal.n_done - before <= 64);
    }
}

static void a_broken_value_is_left_and_counted(void **state)
{
    struct couple *couple = *state;
    struct reseal reseal = {0};

    fixture_begin(couple->f);
    expect(couple->f, 0,
           sql_exec(couple->f->store->sql,
                    "UPDATE install SET sealed = substr(sealed, 1, length(sealed) - 1)"
                    " || x'00' || x'00' WHERE id = 3",
                    &couple->f->err));
    fixture_commit(couple->f);
    expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
    while (!reseal.is_over)
        step(couple, &reseal);
    assert_int_equal(reseal.n_broken, 1);
    assert_int_equal(reseal.n_done, EVENTS + 15);
}

/* Sealed by a program from before values named their keys, with a key of 32 letters. */
static void values_of_older_programs_open_and_are_sealed_anew(void **state)
{
    static const char old[] =
        "\x01\x0b\xd7\x25\x53\x2c\xeb\x8b\xb5\x6e\x76\x9c\x3c\x99\x6c\xac\xbf\xbd\x3b"
        "\x57\xd7\xd1\xcd\x51\x8f\xd9\x91\x53\x76\x6b\x8d\x9d\xc8\x40\xde\x64\x26\x3a"
        "\xda\x0b\x09\xb7\x88\xbe\xa9\xdb\xe9";
    static const uint8_t old_hash[VAULT_HASH_LEN] = {0xc7, 0xe9, 0xd6, 0x9b, 0xb7, 0x1a,
                                                     0x37, 0x7a, 0x40, 0xd3, 0x7f, 0x88,
                                                     0x9e, 0xbb, 0xd3, 0xf0};
    struct couple *couple = *state;
    struct reseal reseal = {0};
    struct sql_statement *insert;
    FILE *file = fopen(couple->key_file, "we");

    assert_non_null(file);
    fputs("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", file);
    fclose(file);
    fixture_begin(couple->f);
    expect(couple->f, 0,
           sql_exec(couple->f->store->sql,
                    "DELETE FROM event; DELETE FROM key; DELETE FROM install;"
                    "DELETE FROM oauth_attempt; DELETE FROM hashing",
                    &couple->f->err));
    insert =
        sql_use(couple->f->store->sql,
                "INSERT INTO key VALUES (1, 'k', '', x'00', ?1, 1, 0)", &couple->f->err);
    assert_non_null(insert);
    sql_bind_blob(insert, 1, bytes_of(old, sizeof(old) - 1));
    expect(couple->f, 0, sql_run(insert, &couple->f->err));
    fixture_commit(couple->f);
    memcpy(couple->hash, old_hash, sizeof(old_hash));
    open_vault(couple);
    check_all(couple, "before");
    rotate_to_the_end(couple, &reseal); /* the name alone, no new key */
    assert_int_equal(reseal.n_done, 1);
    check_all(couple, "named");
    reseal = (struct reseal){0};
    expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
    rotate_to_the_end(couple, &reseal);
    open_vault(couple);
    check_all(couple, "with another key");
}

static void a_wrong_key_is_never_the_first(void **state)
{
    struct couple *couple = *state;
    FILE *file = fopen(couple->key_file, "we");

    assert_non_null(file);
    fputs("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", file);
    fclose(file);
    fixture_begin(couple->f);
    expect(couple->f, 0,
           sql_exec(couple->f->store->sql, "DELETE FROM hashing", &couple->f->err));
    fixture_commit(couple->f);
    vault_free(couple->vault);
    expect(couple->f, 0,
           vault_open(couple->key_file, false, &couple->vault, &couple->f->err));
    assert_int_equal(reseal_marry(couple->f->store, couple->vault, &couple->f->err), -1);
    assert_string_equal(couple->f->err.code, "PA1031");
    assert_int_equal(fixture_ask(couple->f, "SELECT count(*) FROM hashing"), 0);
}

static void a_copy_from_before_the_rotation_still_opens(void **state)
{
    cleanup(buf_done) struct buf copy = {0};
    cleanup(buf_done) struct buf plain = {0};
    struct couple *couple = *state;

    buf_init(&copy, SETTINGS_MAX);
    buf_init(&plain, SETTINGS_MAX);
    vault_seal(couple->vault, "install", 1, BYTES("secret"), &copy);
    for (int i = 0; i < 6; i++) {
        struct reseal reseal = {0};

        expect(couple->f, 0, vault_add_key(couple->vault, &couple->f->err));
        rotate_to_the_end(couple, &reseal);
        assert_int_equal(
            i < MASTER_KEYS_MAX - 1,
            vault_unseal(couple->vault, "install", 1, buf_bytes(&copy), &plain));
        check_all(couple, "rotated again");
    }
}

static void keys_that_changed_under_us_are_not_overwritten(void **state)
{
    struct couple *couple = *state;
    FILE *file = fopen(couple->key_file, "we");

    assert_non_null(file);
    fputs("RkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkY=\n", file);
    fclose(file);
    assert_int_equal(vault_add_key(couple->vault, &couple->f->err), -1);
    assert_string_equal(couple->f->err.code, "PA1031");
    check_all(couple, "after the refusal");
}

#define T(name) cmocka_unit_test_setup_teardown(name, couple_up, couple_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_rotation_seals_all_anew_and_hashes_stay),
        T(a_rotation_may_be_killed_after_any_step),
        T(what_comes_in_meanwhile_has_the_new_key),
        T(a_late_value_with_the_old_key_is_found_by_another_walk),
        T(a_step_is_bounded),
        T(a_broken_value_is_left_and_counted),
        T(values_of_older_programs_open_and_are_sealed_anew),
        T(a_wrong_key_is_never_the_first),
        T(a_copy_from_before_the_rotation_still_opens),
        T(keys_that_changed_under_us_are_not_overwritten),
    };

    return cmocka_run_group_tests_name("reseal", tests, NULL, NULL);
}
