/* SPDX-License-Identifier: MIT */

#include "core/yaml.h"

#include "lib/cm.h"

static void every_part_has_its_place(void **state)
{
    struct arena arena;
    struct yaml_node *root = NULL;
    struct yaml_fault fault;
    const struct yaml_node *server;
    const struct yaml_node *list;

    (void)state;
    arena_init(&arena);
    assert_true(
        yaml_parse(BYTES("server:\n  public: 0.0.0.0:8888\nlist:\n - \"a b\"\n - 'c'\n"),
                   &arena, &root, &fault));
    server = root->first;
    assert_int_equal(root->kind, YAML_MAPPING);
    assert_string_equal(server->key.ptr, "server");
    assert_int_equal(server->key_place.line, 1);
    assert_string_equal(server->first->text.ptr, "0.0.0.0:8888");
    assert_int_equal(server->first->place.line, 2);
    assert_int_equal(server->first->place.column, 11);
    assert_int_equal(server->first->place.width, 12);
    assert_true(server->first->is_plain);
    list = server->next;
    assert_int_equal(list->kind, YAML_SEQUENCE);
    assert_string_equal(list->first->text.ptr, "a b");
    assert_int_equal(list->first->place.column, 4);
    assert_int_equal(list->first->place.width, 5);
    assert_false(list->first->is_plain);
    assert_null(list->first->next->next);
    arena_done(&arena);
}

static const struct {
    const char *text;
    int line, column;
    const char *why;
} faults[] = {
    {"a: b: c", 1, 5, "invalid nested block mapping on the same line"},
    {"a:\n\tb: 1\n", 2, 1, "tab character may not be used as indentation"},
    {"\"a", 1, 2, "double-quoted scalar without closing quote"},
    {"a: \x01", 1, 4, "the byte 0x01 does not belong in a text"},
    {"%s2", 1, 1, "directives (`%NAME`) are not supported"},
    {"a: b\n%YAML 1.2\n", 2, 1, "directives (`%NAME`) are not supported"},
    {"\xff\xfe", 1, 1, "the byte 0xff does not belong in a text"},
    {"a: *x", 1, 5, "aliases (`*name`) are not supported"},
    {"a: &x 1", 1, 7, "anchors (`&name`) are not supported"},
    {"a: !!str 1", 1, 10, "tags (`!name`) are not supported"},
    {"? [a]\n: 1", 1, 3, "a key must be plain text"},
    {"a: 'it''''s'", 1, 5,
     "'''' inside single quotes is not supported: use double quotes"},
    {"\xef\xbb\xbf# \xc3\xa9\na:\n - 'x\n   ''''y'", 3, 5,
     "'''' inside single quotes is not supported: use double quotes"},
    {"'''''': 1", 1, 2, "'''' inside single quotes is not supported: use double quotes"},
    {"a: 1\n---\nb: 2", 2, 1, "only one document may be in the file"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 1, 33,
     "more than 32 levels deep"},
};

static void says_where_and_why_it_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct arena arena;
        struct yaml_node *root = NULL;
        struct yaml_fault fault = {0};

        arena_init(&arena);
        if (yaml_parse(bytes_str(faults[i].text), &arena, &root, &fault))
            fail_msg("%s was accepted", faults[i].text);
        assert_string_equal(fault.why, faults[i].why);
        if (fault.place.line != faults[i].line || fault.place.column != faults[i].column)
            fail_msg("%s: got %d:%d, want %d:%d", faults[i].text, fault.place.line,
                     fault.place.column, faults[i].line, faults[i].column);
        arena_done(&arena);
    }
}

static const struct {
    const char *why;
    const char *yaml;
    const char *text;
} quotes[] = {
    {"a doubled quote is one", "'it''s'", "it's"},
    {"nothing", "''", ""},
    {"one alone", "''''", "'"},
    {"at both ends, and two with a space between", "'''a'' ''b'''", "'a' 'b'"},
    {"many", "'a''b''c''d''e''f''g''h''i''j''k'", "a'b'c'd'e'f'g'h'i'j'k"},
    {"two with a line between", "'a''\n  ''b'", "a' 'b"},
    {"a plain text's are its own", "it''''s", "it''''s"},
    {"so are those in double quotes", "\"it''''s\"", "it''''s"},
};

static void a_quote_is_doubled_inside_single_quotes_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(quotes); i++) {
        struct arena arena;
        struct yaml_node *root = NULL;
        struct yaml_fault fault = {0};

        arena_init(&arena);
        if (!yaml_parse(bytes_str(quotes[i].yaml), &arena, &root, &fault))
            fail_msg("%s (%s): %s", quotes[i].why, quotes[i].yaml, fault.why);
        if (!bytes_eq(root->text, bytes_str(quotes[i].text)))
            fail_msg("%s (%s): got %s, want %s", quotes[i].why, quotes[i].yaml,
                     root->text.ptr, quotes[i].text);
        arena_done(&arena);
    }
}

static void nothing_is_no_tree(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# only a comment\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct arena arena;
        struct yaml_node *root = NULL;
        struct yaml_fault fault;

        arena_init(&arena);
        assert_true(yaml_parse(bytes_str(texts[i]), &arena, &root, &fault));
        assert_null(root);
        arena_done(&arena);
    }
}

static void a_malformed_directive_does_not_hang(void **state)
{
    static const char text[] = "%s2\0`\0\x0f`\xf1";
    struct arena arena;
    struct yaml_node *root = NULL;
    struct yaml_fault fault;

    (void)state;
    arena_init(&arena);
    assert_false(yaml_parse(bytes_of(text, sizeof(text) - 1), &arena, &root, &fault));
    arena_done(&arena);
}

static void null_is_plain_null_tilde_or_nothing(void **state)
{
    struct arena arena;
    struct yaml_node *root = NULL;
    struct yaml_fault fault;
    static const bool want[] = {true, true, true, false, false};
    size_t i = 0;

    (void)state;
    arena_init(&arena);
    assert_true(yaml_parse(BYTES("a: null\nb: ~\nc:\nd: \"null\"\ne: 0\n"), &arena, &root,
                           &fault));
    for (const struct yaml_node *node = root->first; node != NULL; node = node->next)
        assert_int_equal(yaml_is_null(node), want[i++]);
    assert_int_equal(i, COUNT(want));
    arena_done(&arena);
}

static void too_much_is_refused(void **state)
{
    char *text = calloc(1, YAML_MAX_BYTES + 2);
    struct arena arena;
    struct yaml_node *root = NULL;
    struct yaml_fault fault;

    (void)state;
    arena_init(&arena);
    memset(text, 'a', YAML_MAX_BYTES + 1);
    assert_false(yaml_parse(bytes_of(text, YAML_MAX_BYTES + 1), &arena, &root, &fault));
    arena_done(&arena);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_has_its_place),
        cmocka_unit_test(says_where_and_why_it_is_refused),
        cmocka_unit_test(a_quote_is_doubled_inside_single_quotes_only),
        cmocka_unit_test(nothing_is_no_tree),
        cmocka_unit_test(a_malformed_directive_does_not_hang),
        cmocka_unit_test(null_is_plain_null_tilde_or_nothing),
        cmocka_unit_test(too_much_is_refused),
    };

    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
