/* SPDX-License-Identifier: MIT */

#include "lambda/package/archive.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/cm.h"
#include "sys/disk.h"

enum { MAX_BYTES = 1 << 20 };

static const struct archive_part parts[] = {
    {.name = "bootstrap", .content = {"#!/bin/sh\n", 10}, .is_program = true},
    {.name = "empty"},
    {.name = "lib/x", .content = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 41}},
};

static void make(struct buf *ret)
{
    struct err err = {0};

    if (archive_make(parts, COUNT(parts), ret, &err) != 0)
        fail_msg("%s", err.text);
}

/* What nothing but names and contents may reach. */
static void the_bytes_depend_on_nothing_else(void **state)
{
    static const char *const zones[] = {"UTC", "Asia/Kathmandu", "America/Los_Angeles",
                                        "Pacific/Kiritimati"};
    cleanup(buf_done) struct buf first = {.max_bytes = MAX_BYTES};

    (void)state;
    make(&first);
    for (size_t i = 0; i < COUNT(zones); i++) {
        cleanup(buf_done) struct buf again = {.max_bytes = MAX_BYTES};

        setenv("TZ", zones[i], /* replace= */ 1);
        tzset();
        (void)umask(i % 2 == 0 ? 077 : 0);
        make(&again);
        if (!bytes_eq(buf_bytes(&first), buf_bytes(&again)))
            fail_msg("%s changes the zip", zones[i]);
    }
    unsetenv("TZ");
    (void)umask(022);
}

static unsigned u16(const char *at)
{
    return (unsigned)(uint8_t)at[0] | (unsigned)(uint8_t)at[1] << 8;
}

/* The list at a zip's end, by the format's own description (APPNOTE 4.3.12). */
static void the_list_says_what_lambda_reads(void **state)
{
    cleanup(buf_done) struct buf zip = {.max_bytes = MAX_BYTES};
    size_t at;

    (void)state;
    make(&zip);
    at = bytes_find(buf_bytes(&zip), BYTES("PK\x01\x02"));
    for (size_t i = 0; i < COUNT(parts); i++) {
        const char *entry = zip.ptr + at;
        unsigned mode = u16(entry + 40);

        assert_true(at + 46 < zip.len);
        assert_memory_equal("PK\x01\x02", entry, 4);
        assert_int_equal(3, entry[5]); /* Unix */
        assert_int_equal(0, u16(entry + 12));
        assert_int_equal(0x21, u16(entry + 14));
        assert_int_equal(0, u16(entry + 30)); /* no extra fields */
        assert_int_equal(strlen(parts[i].name), u16(entry + 28));
        assert_memory_equal(parts[i].name, entry + 46, strlen(parts[i].name));
        if (mode != (S_IFREG | (parts[i].is_program ? 0755u : 0644u)))
            fail_msg("%s: got the mode %o", parts[i].name, mode);
        at += 46 + u16(entry + 28);
    }
}

static void a_zip_that_is_too_large_is_an_answer(void **state)
{
    cleanup(buf_done) struct buf zip = {.max_bytes = 100};
    struct err err = {0};

    (void)state;
    assert_int_equal(BUF_FULL, archive_make(parts, COUNT(parts), &zip, &err));
}

static void a_file_that_is_missing_is_named(void **state)
{
    const struct archive_part missing = {.name = "x", .path = "/nowhere/at/all"};
    cleanup(buf_done) struct buf zip = {.max_bytes = MAX_BYTES};
    struct err err = {0};

    (void)state;
    assert_int_equal(-1, archive_make(&missing, 1, &zip, &err));
    assert_true(err.text[0] != '\0');
    assert_int_equal(0, zip.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_depend_on_nothing_else),
        cmocka_unit_test(the_list_says_what_lambda_reads),
        cmocka_unit_test(a_zip_that_is_too_large_is_an_answer),
        cmocka_unit_test(a_file_that_is_missing_is_named),
    };

    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
