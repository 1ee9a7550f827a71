/* SPDX-License-Identifier: MIT */

#include "core/guess.h"

#include <stdio.h>

#include "lib/cm.h"

enum { HOUR_MS = 3600000, START_MS = 5000 };

static const uint64_t seed[2] = {1, 2};

static bool may(struct guess *guess, const char *account, const char *address,
                int64_t now_ms)
{
    const struct guess_try try = {bytes_str(account), bytes_str(address), false};
    int64_t wait_ms;

    return guess_ask(guess, &try, now_ms, &wait_ms) == GUESS_LOOK;
}

/* The pause after the n-th failure of one address at one account. */
static const struct {
    unsigned n;
    int64_t pause_ms;
    const char *why;
} pauses[] = {
    {1, 0, "anybody mistypes"},
    {4, 0, "anybody mistypes more than once"},
    {5, 2000, "five slow down"},
    {6, 4000, "and it doubles"},
    {9, 32000, "and doubles"},
    {14, GUESS_PAUSE_MS, "but does not grow for ever"},
    {40, GUESS_PAUSE_MS, "however often"},
};

static void failures_of_one_address_slow_it_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pauses); i++) {
        struct guess *guess = guess_new(seed);
        const struct guess_try try = {BYTES("ada"), BYTES("1.2.3.4"), true};
        int64_t now_ms = START_MS;
        int64_t wait_ms = 0;

        for (unsigned n = 0; n < pauses[i].n; n++) {
            while (guess_ask(guess, &try, now_ms, &wait_ms) == GUESS_LATER)
                now_ms += wait_ms;
        }
        wait_ms = 0;
        if (guess_ask(guess, &try, now_ms, &wait_ms) == GUESS_LOOK)
            wait_ms = 0;
        if (wait_ms != pauses[i].pause_ms)
            fail_msg("after %u: got %lld, want %lld: %s", pauses[i].n, (long long)wait_ms,
                     (long long)pauses[i].pause_ms, pauses[i].why);
        guess_free(guess);
    }
}

static void a_right_password_begins_anew(void **state)
{
    struct guess *guess = guess_new(seed);
    const struct guess_try try = {BYTES("ada"), BYTES("1.2.3.4"), true};
    int64_t wait_ms;

    (void)state;
    for (int i = 0; i < GUESS_FREE; i++)
        assert_int_equal(GUESS_LOOK, guess_ask(guess, &try, START_MS, &wait_ms));
    assert_int_equal(GUESS_LATER, guess_ask(guess, &try, START_MS, &wait_ms));
    guess_right(guess, &try);
    for (int i = 0; i < GUESS_FREE; i++)
        assert_int_equal(GUESS_LOOK, guess_ask(guess, &try, START_MS, &wait_ms));
    guess_free(guess);
}

/* Many people behind one address, who all know their passwords. */
static void right_passwords_use_up_no_address(void **state)
{
    struct guess *guess = guess_new(seed);

    (void)state;
    for (int i = 0; i < 500; i++) {
        const struct guess_try try = {BYTES("ada"), BYTES("1.2.3.4"), false};
        int64_t wait_ms;

        assert_int_equal(GUESS_LOOK,
                         guess_ask(guess, &try, START_MS + (int64_t)i * 1000, &wait_ms));
        guess_right(guess, &try);
    }
    guess_free(guess);
}

static void an_hour_without_a_try_is_forgotten(void **state)
{
    struct guess *guess = guess_new(seed);
    int64_t now_ms = START_MS;

    (void)state;
    for (int i = 0; i < 10; i++, now_ms += GUESS_PAUSE_MS)
        assert_true(may(guess, "ada", "1.2.3.4", now_ms));
    assert_false(may(guess, "ada", "1.2.3.4", now_ms - GUESS_PAUSE_MS + 1));
    now_ms += HOUR_MS;
    for (int i = 0; i < GUESS_FREE; i++)
        assert_true(may(guess, "ada", "1.2.3.4", now_ms));
    guess_free(guess);
}

/* CO-1: in an hour 100,000 guesses at one account from 1,000 addresses. */
static void of_100000_guesses_100_an_hour_are_looked_at(void **state)
{
    struct guess *guess = guess_new(seed);
    const struct guess_try owner = {BYTES("ada"), BYTES("device"), true};
    const struct guess_try other = {BYTES("grace"), BYTES("9.9.9.9"), false};
    unsigned n_looked = 0;
    int64_t wait_ms;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        char address[16];

        snprintf(address, sizeof(address), "10.0.%d.%d", i % 1000 / 250, i % 250);
        n_looked += may(guess, "ada", address, START_MS + (int64_t)i * HOUR_MS / 100000);
        if (i % 20000 != 0)
            continue;
        if (guess_ask(guess, &owner, START_MS + (int64_t)i * 36, &wait_ms) != GUESS_LOOK)
            fail_msg("the owner has to wait after %d guesses", i);
        guess_right(guess, &owner);
        if (guess_ask(guess, &other, START_MS + (int64_t)i * 36, &wait_ms) != GUESS_LOOK)
            fail_msg("another account has to wait after %d guesses", i);
        guess_right(guess, &other);
    }
    assert_in_range(n_looked, 50, 100);
    guess_free(guess);
}

static void one_address_does_not_use_up_an_account(void **state)
{
    struct guess *guess = guess_new(seed);

    (void)state;
    for (int64_t at = 0; at < HOUR_MS; at += 100) {
        (void)may(guess, "ada", "6.6.6.6", START_MS + at);
        if (at % 600000 == 300000)
            assert_true(may(guess, "ada", "1.2.3.4", START_MS + at));
    }
    guess_free(guess);
}

static void all_accounts_together_are_bounded(void **state)
{
    struct guess *guess = guess_new(seed);
    unsigned n_looked = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        char account[16];
        char address[16];

        snprintf(account, sizeof(account), "user%d", i);
        snprintf(address, sizeof(address), "10.%d.%d.1", i / 250 % 250, i % 250);
        n_looked += may(guess, account, address, START_MS + i);
    }
    /* In 100 s: 20 at once and 2 a second. */
    assert_in_range(n_looked, 200, 221);
    guess_free(guess);
}

static void one_address_at_many_accounts_is_bounded(void **state)
{
    struct guess *guess = guess_new(seed);
    unsigned n_looked = 0;

    (void)state;
    for (int i = 0; i < 36000; i++) {
        char account[16];

        snprintf(account, sizeof(account), "user%d", i);
        n_looked += may(guess, account, "6.6.6.6", START_MS + (int64_t)i * 100);
    }
    assert_in_range(n_looked, 300, 391);
    guess_free(guess);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_of_one_address_slow_it_down),
        cmocka_unit_test(a_right_password_begins_anew),
        cmocka_unit_test(right_passwords_use_up_no_address),
        cmocka_unit_test(an_hour_without_a_try_is_forgotten),
        cmocka_unit_test(of_100000_guesses_100_an_hour_are_looked_at),
        cmocka_unit_test(one_address_does_not_use_up_an_account),
        cmocka_unit_test(all_accounts_together_are_bounded),
        cmocka_unit_test(one_address_at_many_accounts_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
