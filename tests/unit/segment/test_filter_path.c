/* SPDX-License-Identifier: MIT */

#include "segment/filter_path.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *path;
    bool want;
} paths[] = {
    {"one name", "userId", true},
    {"several", "properties.a.b", true},
    {"a quoted dot", "a\\.b", true},
    {"a quoted backslash at the end", "a\\\\", true},
    {"space and other scripts", "total billed.\xc3\xa9", true},
    {"sixteen names", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", true},
    {"nothing", "", false},
    {"a dot alone", ".", false},
    {"a dot first", ".a", false},
    {"a dot last", "a.", false},
    {"two dots", "a..b", false},
    {"a backslash last", "a\\", false},
    {"three backslashes last", "a\\\\\\", false},
    {"a backslash before another name's dot quotes it", "a\\.", true},
    {"seventeen names", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", false},
    {"not UTF-8", "a.\xff", false},
};

static void paths_are_told_from_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        if (filter_path_is(bytes_str(paths[i].path)) != paths[i].want)
            fail_msg("%s: got %d, want %d", paths[i].why, !paths[i].want, paths[i].want);
    }
    assert_false(filter_path_is(bytes_of(NULL, 0)));
}

static void names_are_taken_one_by_one(void **state)
{
    struct bytes path = BYTES("a\\.b.c\\");

    (void)state;
    assert_true(bytes_eq(filter_path_take(&path), BYTES("a\\.b")));
    assert_true(bytes_eq(filter_path_take(&path), BYTES("c\\")));
    assert_int_equal(path.len, 0);
    assert_int_equal(filter_path_take(&path).len, 0);
}

static void names_mean_keys(void **state)
{
    static const struct {
        const char *name;
        const char *key;
        bool want;
    } cases[] = {
        {"a", "a", true},
        {"a", "A", false},
        {"a", "ab", false},
        {"ab", "a", false},
        {"a", "\\u0061", true},
        {"a\\.b", "a.b", true},
        {"a\\.b", "a\\\\.b", false},
        {"a\\\\b", "a\\\\b", true},
        {"\\a", "\\u0061", true},
        {"a\\", "a", false},
        {"\xc3\xa9", "\\u00e9", true},
        {"\\\xc3\xa9", "\xc3\xa9", true},
        {"", "", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (filter_path_means(bytes_str(cases[i].name), bytes_str(cases[i].key)) !=
            cases[i].want)
            fail_msg("%s for %s: got %d, want %d", cases[i].name, cases[i].key,
                     !cases[i].want, cases[i].want);
    }
}

static void values_are_found(void **state)
{
    static const struct {
        const char *why;
        const char *event;
        const char *path;
        const char *want; /* NULL: none */
    } cases[] = {
        {"top", "{\"a\":1}", "a", "1"},
        {"below", " {\"a\" : { \"b\" : [ 1 ] } }", "a.b", "[ 1 ]"},
        {"after a byte order mark", "\xef\xbb\xbf{\"a\":1}", "a", "1"},
        {"a dot in the key", "{\"a.b\":1,\"a\":{\"b\":2}}", "a\\.b", "1"},
        {"a dot between names", "{\"a.b\":1,\"a\":{\"b\":2}}", "a.b", "2"},
        {"of a key that comes twice the last", "{\"a\":1,\"a\":2}", "a", "2"},
        {"null is found", "{\"a\":null}", "a", "null"},
        {"all of it", " {\"a\":1} ", "", "{\"a\":1}"},
        {"not there", "{\"a\":1}", "b", NULL},
        {"below a number", "{\"a\":1}", "a.b", NULL},
        {"below null", "{\"a\":null}", "a.b", NULL},
        {"lists cannot be entered", "{\"a\":[{\"b\":1}]}", "a.b", NULL},
        {"lists cannot be entered by number", "{\"a\":[1]}", "a.0", NULL},
        {"an event that is a list", "[\"a\",1]", "a", NULL},
        {"nothing", "", "a", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scan_span found = {0};
        bool is_there =
            filter_path_find(bytes_str(cases[i].event), bytes_str(cases[i].path), &found);

        if (is_there != (cases[i].want != NULL) ||
            (is_there && !bytes_eq(found.text, bytes_str(cases[i].want))))
            fail_msg("%s: got %.*s, want %s", cases[i].why, BYTES_FMT(found.text),
                     cases[i].want != NULL ? cases[i].want : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_told_from_others),
        cmocka_unit_test(names_are_taken_one_by_one),
        cmocka_unit_test(names_mean_keys),
        cmocka_unit_test(values_are_found),
    };

    return cmocka_run_group_tests_name("filter_path", tests, NULL, NULL);
}
