/* SPDX-License-Identifier: MIT */

#include "base/form.h"

#include "lib/cm.h"

static void a_form_is_read_field_by_field(void **state)
{
    static const struct {
        const char *why;
        const char *form;
        const char *want; /* <name:value> for each field */
    } cases[] = {
        {"two fields", "a=1&b=2", "<a:1><b:2>"},
        {"plus is a space", "a=x+y&c+d=+", "<a:x y><c d: >"},
        {"encoded plus stays one", "a=x%2By", "<a:x+y>"},
        {"per cent in either case", "r=destination%2fx%2Fy", "<r:destination/x/y>"},
        {"the name is decoded too", "%61%3D=1", "<a=:1>"},
        {"a % without digits stands for itself", "a=100%&b=%zz&c=%4",
         "<a:100%><b:%zz><c:%4>"},
        {"a % before a code", "a=%%41", "<a:%A>"},
        {"decoded once", "a=%2541", "<a:%41>"},
        {"no equals sign", "a&b=", "<a:><b:>"},
        {"the first equals sign counts", "a=b=c", "<a:b=c>"},
        {"no name", "=x", "<:x>"},
        {"nothing between two ands", "&&a=1&&b=2&&", "<a:1><b:2>"},
        {"a semicolon divides nothing", "a=1;b=2", "<a:1;b=2>"},
        {"the same name twice", "a=1&a=2", "<a:1><a:2>"},
        {"nothing", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf scratch = {.max_bytes = 100};
        cleanup(buf_done) struct buf got = {.max_bytes = 1000};
        struct bytes rest = bytes_str(cases[i].form);
        struct bytes name;
        struct bytes value;

        while (form_next(&rest, &scratch, &name, &value))
            buf_addf(&got, "<%.*s:%.*s>", BYTES_FMT(name), BYTES_FMT(value));
        if (strcmp(buf_text(&got), cases[i].want) != 0 || scratch.full)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
    }
}

static void a_field_that_does_not_fit_is_not_added_in_part(void **state)
{
    cleanup(buf_done) struct buf scratch = {.max_bytes = 7};
    struct bytes rest = BYTES("ab=cd&ef=%67%68&i=j");
    struct bytes name;
    struct bytes value;

    (void)state;
    assert_true(form_next(&rest, &scratch, &name, &value));
    assert_false(form_next(&rest, &scratch, &name, &value));
    assert_true(scratch.full);
    assert_string_equal(buf_text(&scratch), "abcd");
}

static void a_nul_is_a_byte_like_others(void **state)
{
    cleanup(buf_done) struct buf scratch = {.max_bytes = 100};
    struct bytes value;

    (void)state;
    assert_true(form_find(BYTES("a=x%00y"), "a", &scratch, &value));
    assert_true(bytes_eq(value, bytes_of("x\0y", 3)));
    assert_false(form_find(BYTES("a%00b=x"), "a", &scratch, &value));
}

#define TOKEN "grant_type=authorization_code&code=1&c%6fde=2&code2=3&empty&cod=4"

static void a_field_is_found_by_its_decoded_name(void **state)
{
    static const struct {
        const char *why;
        const char *name;
        const char *want; /* NULL: there is none */
        size_t n_times;
    } cases[] = {
        {"once", "grant_type", "authorization_code", 1},
        {"the first of two, one name being encoded", "code", "1", 2},
        {"a longer name is another", "code2", "3", 1},
        {"a shorter name is another", "cod", "4", 1},
        {"without a value", "empty", "", 1},
        {"absent", "state", NULL, 0},
        {"a value is no name", "1", NULL, 0},
        {"case matters", "Code", NULL, 0},
        {"the empty name", "", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf scratch = {.max_bytes = 100};
        struct bytes value = BYTES("none");
        bool found = form_find(BYTES(TOKEN), cases[i].name, &scratch, &value);
        const char *want = cases[i].want != NULL ? cases[i].want : "none";
        size_t n_times = form_count(BYTES(TOKEN), cases[i].name);

        if (found != (cases[i].want != NULL) || !bytes_eq(value, bytes_str(want)))
            fail_msg("%s: got %.*s, want %s", cases[i].why, BYTES_FMT(value), want);
        if (n_times != cases[i].n_times)
            fail_msg("%s: got %zu times, want %zu", cases[i].why, n_times,
                     cases[i].n_times);
    }
}

static void a_value_that_does_not_fit_is_not_found(void **state)
{
    cleanup(buf_done) struct buf scratch = {.max_bytes = 4};
    struct bytes value;

    (void)state;
    assert_false(form_find(BYTES("a=12345"), "a", &scratch, &value));
    assert_true(scratch.full);
    assert_int_equal(scratch.len, 0);
    /* What counts is the decoded length. */
    assert_true(form_find(BYTES("a=%31%32%33%34"), "a", &scratch, &value));
    assert_true(bytes_eq(value, BYTES("1234")));
}

static void all_but_the_unreserved_is_encoded(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        enum form_space space;
        const char *want;
    } cases[] = {
        {"unreserved", "azAZ09-._~", FORM_SPACE_PERCENT, "azAZ09-._~"},
        {"a scope", "destination/x", FORM_SPACE_PERCENT, "destination%2Fx"},
        {"a space in a query", "a b", FORM_SPACE_PERCENT, "a%20b"},
        {"a space in a form", "a b", FORM_SPACE_PLUS, "a+b"},
        {"a plus", "a+b", FORM_SPACE_PLUS, "a%2Bb"},
        {"what would divide", "&=%", FORM_SPACE_PLUS, "%26%3D%25"},
        {"letters beyond ASCII", "\xc3\xa9", FORM_SPACE_PLUS, "%C3%A9"},
        {"line breaks", "\r\n", FORM_SPACE_PLUS, "%0D%0A"},
        {"nothing", "", FORM_SPACE_PLUS, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {.max_bytes = 100};

        assert_int_equal(form_encode(bytes_str(cases[i].text), cases[i].space, &got), 0);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
    }
}

static void every_byte_comes_back(void **state)
{
    cleanup(buf_done) struct buf encoded = {.max_bytes = 1000};
    cleanup(buf_done) struct buf decoded = {.max_bytes = 256};
    char all[256];

    (void)state;
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    for (int space = FORM_SPACE_PERCENT; space <= FORM_SPACE_PLUS; space++) {
        buf_clear(&encoded);
        buf_clear(&decoded);
        assert_int_equal(
            form_encode(bytes_of(all, sizeof(all)), (enum form_space)space, &encoded), 0);
        assert_int_equal(form_decode(buf_bytes(&encoded), &decoded), 0);
        assert_true(bytes_eq(buf_bytes(&decoded), bytes_of(all, sizeof(all))));
    }
}

static void fields_are_joined_by_ands(void **state)
{
    cleanup(buf_done) struct buf form = {.max_bytes = 23};

    (void)state;
    assert_int_equal(form_add(&form, "a b", BYTES("1&2"), FORM_SPACE_PLUS), 0);
    assert_int_equal(form_add(&form, "c", BYTES("3 4"), FORM_SPACE_PERCENT), 0);
    assert_int_equal(form_add(&form, "d", BYTES(""), FORM_SPACE_PERCENT), 0);
    assert_string_equal(buf_text(&form), "a+b=1%262&c=3%204&d=");
    assert_int_equal(form_add(&form, "e", BYTES("5"), FORM_SPACE_PLUS), BUF_FULL);
    assert_string_equal(buf_text(&form), "a+b=1%262&c=3%204&d=");
    assert_int_equal(form_add(&form, "", BYTES("5"), FORM_SPACE_PLUS), 0);
    assert_string_equal(buf_text(&form), "a+b=1%262&c=3%204&d=&=5");
}

static void neither_way_is_done_in_part(void **state)
{
    cleanup(buf_done) struct buf text = {.max_bytes = 5};

    (void)state;
    assert_int_equal(form_encode(BYTES("abc/"), FORM_SPACE_PERCENT, &text), BUF_FULL);
    assert_int_equal(text.len, 0);
    assert_int_equal(form_decode(BYTES("abcde%66"), &text), BUF_FULL);
    assert_int_equal(text.len, 0);
    assert_int_equal(form_decode(BYTES("abcd%66"), &text), 0);
    assert_string_equal(buf_text(&text), "abcdf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_read_field_by_field),
        cmocka_unit_test(a_field_that_does_not_fit_is_not_added_in_part),
        cmocka_unit_test(a_nul_is_a_byte_like_others),
        cmocka_unit_test(a_field_is_found_by_its_decoded_name),
        cmocka_unit_test(a_value_that_does_not_fit_is_not_found),
        cmocka_unit_test(all_but_the_unreserved_is_encoded),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(fields_are_joined_by_ands),
        cmocka_unit_test(neither_way_is_done_in_part),
    };

    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
