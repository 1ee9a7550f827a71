/* SPDX-License-Identifier: MIT */

#include "store/vault.h"

#include "lib/cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

struct place {
    char folder[40];
    char file[64];
    struct vault *vault;
};

static struct place place;

static int up(void **state)
{
    struct err err;

    (void)state;
    snprintf(place.folder, sizeof(place.folder), "/tmp/vault-XXXXXX");
    if (mkdtemp(place.folder) == NULL)
        return -1;
    snprintf(place.file, sizeof(place.file), "%s/master.key", place.folder);
    return vault_open(place.file, /* may_create= */ true, &place.vault, &err);
}

static int down(void **state)
{
    (void)state;
    vault_free(place.vault);
    unlink(place.file);
    return rmdir(place.folder);
}

static void what_is_sealed_opens_only_in_its_place(void **state)
{
    static const struct {
        const char *why;
        const char *context;
        int64_t row;
        int flip; /* this byte is changed; -1: none */
        bool want;
    } cases[] = {
        {"its own place", "settings", 7, -1, true},
        {"another row", "settings", 8, -1, false},
        {"another context", "key", 7, -1, false},
        {"a context that runs into the row", "setting", 7, -1, false},
        {"another version", "settings", 7, 0, false},
        {"a changed nonce", "settings", 7, 1, false},
        {"a changed text", "settings", 7, 25, false},
        {"a changed tag", "settings", 7, 25 + 5 + 15, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf sealed = {0};
        cleanup(buf_done) struct buf plain = {0};
        bool got;

        buf_init(&sealed, VAULT_OVERHEAD + 5);
        buf_init(&plain, 5);
        assert_int_equal(vault_seal(place.vault, "settings", 7, BYTES("hello"), &sealed),
                         0);
        assert_int_equal(sealed.len, VAULT_OVERHEAD + 5);
        if (cases[i].flip >= 0)
            sealed.ptr[cases[i].flip] ^= 1;
        got = vault_unseal(place.vault, cases[i].context, cases[i].row,
                           buf_bytes(&sealed), &plain);
        if (got != cases[i].want || (got && !bytes_eq(buf_bytes(&plain), BYTES("hello"))))
            fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
        if (!got && plain.len != 0)
            fail_msg("%s: a refusal leaves text behind", cases[i].why);
    }
}

/* A value of every row, opened as another row's: what somebody who can write to the
 * database might try. */
static void of_100000_swapped_rows_none_opens(void **state)
{
    enum { ROWS = 100000, LEN = VAULT_OVERHEAD + 8 };
    cleanup(buf_done) struct buf sealed = {0};
    cleanup(buf_done) struct buf plain = {0};
    int n_opened = 0, n_own = 0;

    (void)state;
    buf_init(&sealed, (size_t)ROWS * LEN);
    buf_init(&plain, 8);
    for (int64_t row = 0; row < ROWS; row++)
        assert_int_equal(
            vault_seal(place.vault, "install", row, bytes_of(&row, sizeof(row)), &sealed),
            0);
    for (int64_t row = 0; row < ROWS; row++) {
        size_t other = ((size_t)row + 1 + (size_t)row % 977) % ROWS;
        struct bytes value = bytes_slice(buf_bytes(&sealed), other * LEN, LEN);

        n_opened += vault_unseal(place.vault, "install", row, value, &plain);
        n_opened += vault_unseal(place.vault, "attempt", (int64_t)other, value, &plain);
        n_own += vault_unseal(place.vault, "install", (int64_t)other, value, &plain);
        buf_clear(&plain);
    }
    assert_int_equal(n_opened, 0);
    assert_int_equal(n_own, ROWS);
}

/* Each bit of many values. */
static void of_100000_flipped_bits_none_is_overlooked(void **state)
{
    enum { FLIPS = 100000, LEN = 64 };
    cleanup(buf_done) struct buf sealed = {0};
    cleanup(buf_done) struct buf plain = {0};
    const char text[LEN] = "a token";
    size_t bit = 0;

    (void)state;
    buf_init(&sealed, VAULT_OVERHEAD + LEN);
    buf_init(&plain, LEN);
    for (int i = 0; i < FLIPS; i++, bit = (bit + 1) % (8 * (VAULT_OVERHEAD + LEN))) {
        if (bit == 0) { /* another value, another nonce */
            buf_clear(&sealed);
            assert_int_equal(
                vault_seal(place.vault, "install", i, bytes_of(text, LEN), &sealed), 0);
        }
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
        if (vault_unseal(place.vault, "install", i - (int)bit, buf_bytes(&sealed),
                         &plain))
            fail_msg("bit %zu", bit);
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
    }
    assert_true(vault_unseal(place.vault, "install", FLIPS - (int)bit, buf_bytes(&sealed),
                             &plain));
}

static void short_and_empty_texts_are_no_trouble(void **state)
{
    cleanup(buf_done) struct buf sealed = {0};
    cleanup(buf_done) struct buf plain = {0};

    (void)state;
    buf_init(&sealed, 100);
    buf_init(&plain, 0);
    assert_int_equal(vault_seal(place.vault, "key", 1, bytes_of(NULL, 0), &sealed), 0);
    assert_true(vault_unseal(place.vault, "key", 1, buf_bytes(&sealed), &plain));
    for (size_t len = 0; len < VAULT_OVERHEAD; len++)
        assert_false(vault_unseal(place.vault, "key", 1,
                                  bytes_slice(buf_bytes(&sealed), 0, len), &plain));
}

static void a_full_buffer_is_an_answer(void **state)
{
    cleanup(buf_done) struct buf sealed = {0};

    (void)state;
    buf_init(&sealed, VAULT_OVERHEAD + 4);
    assert_int_equal(vault_seal(place.vault, "key", 1, BYTES("hello"), &sealed),
                     BUF_FULL);
    assert_int_equal(sealed.len, 0);
}

static void the_key_file_survives_and_is_private(void **state)
{
    cleanup(buf_done) struct buf sealed = {0};
    cleanup(buf_done) struct buf plain = {0};
    cleanup(vault_freep) struct vault *again = NULL;
    struct stat info;
    struct err err;

    (void)state;
    buf_init(&sealed, 100);
    buf_init(&plain, 100);
    assert_int_equal(stat(place.file, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(info.st_size, VAULT_KEY_LEN);
    assert_int_equal(vault_open(place.file, true, &again, &err), 0);
    vault_seal(place.vault, "key", 1, BYTES("x"), &sealed);
    assert_true(vault_unseal(again, "key", 1, buf_bytes(&sealed), &plain));
}

static void a_key_file_that_is_wrong_is_refused(void **state)
{
    static const struct {
        const char *why;
        mode_t mode;
        off_t size;
        const char *code;
        const char *help; /* begins so */
    } cases[] = {
        {"readable by the group", 0640, 32, "PA1030", "chmod 600 "},
        {"readable by others", 0604, 32, "PA1030", "chmod 600 "},
        {"too short", 0600, 31, "PA1031", "put back"},
        {"too long", 0600, 33, "PA1031", "put back"},
        {"empty", 0600, 0, "PA1031", "put back"},
    };
    struct vault *vault;
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(truncate(place.file, cases[i].size), 0);
        assert_int_equal(chmod(place.file, cases[i].mode), 0);
        if (vault_open(place.file, true, &vault, &err) != -1)
            fail_msg("%s: accepted", cases[i].why);
        if (strcmp(err.code, cases[i].code) != 0 ||
            !bytes_starts(bytes_str(err.help), bytes_str(cases[i].help)))
            fail_msg("%s: got %s %s", cases[i].why, err.code, err.help);
    }
}

static void an_absent_key_is_made_only_when_allowed(void **state)
{
    struct vault *vault;
    struct err err;

    (void)state;
    assert_int_equal(unlink(place.file), 0);
    assert_int_equal(vault_open(place.file, /* may_create= */ false, &vault, &err), -1);
    assert_int_equal(access(place.file, F_OK), -1);
}

static void hashes_depend_on_context_and_secret(void **state)
{
    static const struct {
        const char *why, *context, *secret;
        bool is_same;
    } cases[] = {
        {"the same again", "key", "secret", true},
        {"another secret", "key", "secres", false},
        {"another context", "token", "secret", false},
        {"the border moved", "keys", "ecret", false},
    };
    uint8_t want[VAULT_HASH_LEN], got[VAULT_HASH_LEN];

    (void)state;
    vault_hash(place.vault, "key", BYTES("secret"), want);
    for (size_t i = 0; i < COUNT(cases); i++) {
        vault_hash(place.vault, cases[i].context, bytes_str(cases[i].secret), got);
        if ((memcmp(want, got, sizeof(got)) == 0) != cases[i].is_same)
            fail_msg("%s: want %s", cases[i].why,
                     cases[i].is_same ? "equal" : "different");
    }
}

static void new_secrets_are_32_characters_and_differ(void **state)
{
    cleanup(buf_done) struct buf one = {0};
    cleanup(buf_done) struct buf two = {0};

    (void)state;
    buf_init(&one, 100);
    buf_init(&two, 100);
    vault_new_secret("pat_", &one);
    vault_new_secret("pat_", &two);
    assert_int_equal(one.len, 36);
    assert_int_equal(strspn(one.ptr + 4, "0123456789abcdefghjkmnpqrstvwxyz"), 32);
    assert_false(bytes_eq(buf_bytes(&one), buf_bytes(&two)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sealed_opens_only_in_its_place, up, down),
        cmocka_unit_test_setup_teardown(of_100000_swapped_rows_none_opens, up, down),
        cmocka_unit_test_setup_teardown(of_100000_flipped_bits_none_is_overlooked, up,
                                        down),
        cmocka_unit_test_setup_teardown(short_and_empty_texts_are_no_trouble, up, down),
        cmocka_unit_test_setup_teardown(a_full_buffer_is_an_answer, up, down),
        cmocka_unit_test_setup_teardown(the_key_file_survives_and_is_private, up, down),
        cmocka_unit_test_setup_teardown(a_key_file_that_is_wrong_is_refused, up, down),
        cmocka_unit_test_setup_teardown(an_absent_key_is_made_only_when_allowed, up,
                                        down),
        cmocka_unit_test_setup_teardown(hashes_depend_on_context_and_secret, up, down),
        cmocka_unit_test_setup_teardown(new_secrets_are_32_characters_and_differ, up,
                                        down),
    };

    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
