/* SPDX-License-Identifier: MIT */

#include "service/keyring.h"

#include "lib/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

static char folder[] = "/tmp/keyring-XXXXXX";
static char key_file[64];
static struct vault *vault;

static int set_up(void **state)
{
    struct err err = {0};

    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(key_file, sizeof(key_file), "%s/master.key", folder);
    return vault_open(key_file, true, &vault, &err);
}

static int tear_down(void **state)
{
    (void)state;
    vault_free(vault);
    unlink(key_file);
    return rmdir(folder);
}

static void add_key(struct keyring *keyring, int64_t row, const char *text,
                    const char *subscriptions, bool is_revoked)
{
    struct store_key key = {.row = row,
                            .name = BYTES("customer"),
                            .subscriptions = bytes_str(subscriptions),
                            .revoked_at_ms = is_revoked ? 1 : 0};
    struct buf sealed;
    struct err err = {0};

    buf_init(&sealed, 1024);
    vault_hash(vault, "key", bytes_str(text), key.hash);
    assert_int_equal(0, vault_seal(vault, "key", row, bytes_str(text), &sealed));
    key.sealed = buf_bytes(&sealed);
    assert_int_equal(0, keyring_put_key(keyring, &key, &err));
    buf_done(&sealed);
}

static void says_who_may_send_where(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        const char *subscription;
        enum keyring_verdict want;
    } cases[] = {
        {"for all", "open-key", "default", KEYRING_VALID},
        {"one of its own", "narrow-key", "crm", KEYRING_VALID},
        {"the other of its own", "narrow-key", "mail", KEYRING_VALID},
        {"a name that only begins alike", "narrow-key", "crm2", KEYRING_FORBIDDEN},
        {"not its own", "narrow-key", "default", KEYRING_FORBIDDEN},
        {"revoked", "old-key", "default", KEYRING_REVOKED},
        {"nobody's", "guess", "default", KEYRING_UNKNOWN},
        {"empty", "", "default", KEYRING_UNKNOWN},
    };
    struct keyring *keyring = keyring_new(vault);

    (void)state;
    add_key(keyring, 1, "open-key", "", false);
    add_key(keyring, 2, "narrow-key", "crm,mail", false);
    add_key(keyring, 3, "old-key", "", true);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t row = 0;
        enum keyring_verdict got = keyring_find(keyring, bytes_str(cases[i].text),
                                                bytes_str(cases[i].subscription), &row);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
    }
    keyring_free(keyring);
}

static void revoking_takes_effect_at_once(void **state)
{
    struct keyring *keyring = keyring_new(vault);
    int64_t row = 0;

    (void)state;
    add_key(keyring, 5, "a-key", "", false);
    assert_int_equal(KEYRING_VALID,
                     keyring_find(keyring, BYTES("a-key"), BYTES("x"), &row));
    add_key(keyring, 5, "a-key", "", true);
    assert_int_equal(KEYRING_REVOKED,
                     keyring_find(keyring, BYTES("a-key"), BYTES("x"), &row));
    keyring_free(keyring);
}

static void a_token_has_its_role_until_it_is_revoked(void **state)
{
    struct keyring *keyring = keyring_new(vault);
    struct store_token token = {.row = 1, .role = BYTES("operator")};

    (void)state;
    vault_hash(vault, "token", BYTES("pat_x"), token.hash);
    keyring_put_token(keyring, &token);
    assert_int_equal(KEYRING_OPERATOR, keyring_role(keyring, BYTES("pat_x")));
    assert_int_equal(KEYRING_NOBODY, keyring_role(keyring, BYTES("pat_y")));
    token.revoked_at_ms = 1;
    keyring_put_token(keyring, &token);
    assert_int_equal(KEYRING_NOBODY, keyring_role(keyring, BYTES("pat_x")));
    keyring_free(keyring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_may_send_where),
        cmocka_unit_test(revoking_takes_effect_at_once),
        cmocka_unit_test(a_token_has_its_role_until_it_is_revoked),
    };

    return cmocka_run_group_tests_name("keyring", tests, set_up, tear_down);
}
