/* SPDX-License-Identifier: MIT */

#include "base/err.h"

#include <errno.h>

#include "lib/cm.h"

static void every_setter_answers_minus_one(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(err_set(&err, "a"), -1);
    assert_int_equal(err_wrap(&err, "b"), -1);
    assert_int_equal(err_code(&err, "PA1003", ERR_CONFIG, "c"), -1);
    assert_int_equal(err_help(&err, "d"), -1);
    assert_int_equal(err_place(&err, "e"), -1);
    errno = ENOENT;
    assert_int_equal(err_sys(&err, "f"), -1);
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, "a"), -1);
    assert_int_equal(err_wrap(NULL, "b"), -1);
    assert_int_equal(err_code(NULL, "PA1003", ERR_CONFIG, "c"), -1);
    assert_int_equal(err_help(NULL, "d"), -1);
    assert_int_equal(err_place(NULL, "e"), -1);
    assert_int_equal(err_sys(NULL, "f"), -1);
}

static void a_sentence_grows_while_it_climbs(void **state)
{
    struct err err;

    (void)state;
    errno = EACCES;
    err_sys(&err, "open %s", "x.db");
    err_wrap(&err, "store");
    assert_string_equal(err.text, "store: open x.db: Permission denied");
    assert_int_equal(err.exit_code, ERR_FAILED);
}

static void a_new_failure_forgets_the_old_one(void **state)
{
    struct err err;

    (void)state;
    err_code(&err, "PA1003", ERR_CONFIG, "unknown key");
    err_help(&err, "first");
    err_help(&err, "second");
    err_place(&err, "--> file:1:2");
    assert_string_equal(err.help, "first\nsecond");
    assert_string_equal(err.code, "PA1003");
    assert_int_equal(err.exit_code, ERR_CONFIG);
    err_set(&err, "other");
    assert_string_equal(err.help, "");
    assert_string_equal(err.place, "");
    assert_string_equal(err.code, "");
    assert_int_equal(err.exit_code, ERR_FAILED);
}

static void long_texts_are_cut_and_terminated(void **state)
{
    char longest[2000];
    struct err err;

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    err_set(&err, "%s", longest);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    err_wrap(&err, "%s", longest);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    err_help(&err, "%s", longest);
    err_help(&err, "%s", longest);
    assert_int_equal(strlen(err.help), sizeof(err.help) - 1);
    err_place(&err, "%s", longest);
    assert_int_equal(strlen(err.place), sizeof(err.place) - 1);
    err_code(&err, "PA10031003", ERR_USAGE, "%s", longest);
    assert_string_equal(err.code, "PA10031");
    errno = EIO;
    err_sys(&err, "%s", longest);
    assert_non_null(strstr(err.text, ": Input/output error"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setter_answers_minus_one),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(a_sentence_grows_while_it_climbs),
        cmocka_unit_test(a_new_failure_forgets_the_old_one),
        cmocka_unit_test(long_texts_are_cut_and_terminated),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
