/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/assumed.h"

#include <stdio.h>

#include "lib/cm.h"
#include "segment/assume_role.h"

enum { NOW = 1000000, HOUR = 3600 * 1000 };

static const struct assumed_key key = {BYTES("role"), BYTES("external"), BYTES("url"),
                                       BYTES("region")};

static void keep(struct assumed *assumed, const struct assumed_key *whose, int64_t now_ms,
                 int64_t expires_ms)
{
    const struct assume_role_credentials credentials = {BYTES("id"), BYTES("secret"),
                                                        BYTES("token"), expires_ms};

    assumed_keep(assumed, whose, now_ms, &credentials);
}

static bool has(struct assumed *assumed, const struct assumed_key *whose, int64_t now_ms)
{
    struct assume_role_credentials found;

    if (!assumed_find(assumed, whose, now_ms, &found))
        return false;
    assert_true(bytes_eq(found.key_id, BYTES("id")));
    assert_true(bytes_eq(found.secret, BYTES("secret")));
    assert_true(bytes_eq(found.token, BYTES("token")));
    return true;
}

static void credentials_are_found_by_all_of_their_key(void **state)
{
    struct assumed *assumed = assumed_new();
    const struct assumed_key others[] = {
        {BYTES("role2"), key.external_id, key.url, key.region},
        {key.role, BYTES(""), key.url, key.region},
        {key.role, key.external_id, BYTES("url2"), key.region},
        {key.role, key.external_id, key.url, BYTES("region2")},
        {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}},
    };

    (void)state;
    keep(assumed, &key, NOW, NOW + HOUR);
    assert_true(has(assumed, &key, NOW));
    for (size_t i = 0; i < COUNT(others); i++) {
        if (has(assumed, &others[i], NOW))
            fail_msg("key %zu finds another's credentials", i);
    }
    assumed_free(assumed);
}

static const struct {
    const char *why;
    int64_t expires_ms, asked_ms;
    bool want;
} times[] = {
    {"at once", NOW + HOUR, NOW, true},
    {"until a minute before the end", NOW + HOUR, NOW + HOUR - 60001, true},
    {"not in the last minute", NOW + HOUR, NOW + HOUR - 60000, false},
    {"not after the end", NOW + HOUR, NOW + 2 * HOUR, false},
    {"an hour, whatever STS says", INT64_MAX, NOW + HOUR - 60001, true},
    {"not longer", INT64_MAX, NOW + HOUR - 60000, false},
    {"ended already", NOW - 1, NOW, false},
    {"ended long ago", INT64_MIN + HOUR, NOW, false},
    {"about to end", NOW + 60000, NOW, false},
    {"not quite yet", NOW + 60001, NOW, true},
    {"the clock was put back", NOW + HOUR, NOW - 1, false},
};

static void credentials_are_used_while_they_are_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        struct assumed *assumed = assumed_new();
        bool got;

        keep(assumed, &key, NOW, times[i].expires_ms);
        got = has(assumed, &key, times[i].asked_ms);
        if (got != times[i].want)
            fail_msg("%s: got %d, want %d", times[i].why, got, times[i].want);
        if (!got && has(assumed, &key, NOW))
            fail_msg("%s: they come back", times[i].why);
        assumed_free(assumed);
    }
}

static void what_is_forgotten_is_gone(void **state)
{
    const struct assumed_key other = {BYTES("other"), BYTES(""), BYTES(""), BYTES("")};
    struct assumed *assumed = assumed_new();

    (void)state;
    keep(assumed, &key, NOW, NOW + HOUR);
    keep(assumed, &other, NOW, NOW + HOUR);
    assumed_forget(assumed, &key);
    assumed_forget(assumed, &key);
    assert_false(has(assumed, &key, NOW));
    assert_true(has(assumed, &other, NOW));
    assumed_clear(assumed);
    assert_false(has(assumed, &other, NOW));
    assumed_free(assumed);
}

/* role0, role1 … end a second after each other. */
static void keep_many(struct assumed *assumed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char role[16];
        struct assumed_key many = key;

        snprintf(role, sizeof(role), "role%zu", i);
        many.role = bytes_str(role);
        keep(assumed, &many, NOW, NOW + 120000 + 1000 * (int64_t)i);
    }
}

static void the_one_that_ends_first_makes_room(void **state)
{
    struct assumed *assumed = assumed_new();
    struct assumed_key first = key, second = key, last = key;

    (void)state;
    first.role = BYTES("role0");
    second.role = BYTES("role1");
    last.role = BYTES("role64");
    keep_many(assumed, ASSUMED_MAX);
    assert_true(has(assumed, &first, NOW));
    keep_many(assumed, ASSUMED_MAX); /* the same again take no room */
    assert_true(has(assumed, &first, NOW));
    keep(assumed, &last, NOW, NOW + HOUR);
    assert_false(has(assumed, &first, NOW));
    assert_true(has(assumed, &second, NOW));
    assert_true(has(assumed, &last, NOW));
    assumed_free(assumed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_found_by_all_of_their_key),
        cmocka_unit_test(credentials_are_used_while_they_are_valid),
        cmocka_unit_test(what_is_forgotten_is_gone),
        cmocka_unit_test(the_one_that_ends_first_makes_room),
    };

    assumed_free(NULL);
    return cmocka_run_group_tests_name("assumed", tests, NULL, NULL);
}
