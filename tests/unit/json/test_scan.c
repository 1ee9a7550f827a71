/* SPDX-License-Identifier: MIT */

#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/cm.h"
#include "scan_accepted.h"

static const struct sample refused[] = {
    {"n_array_1_true_without_comma", T("[1 true]")},
    {"n_array_a_invalid_utf8", T("[a\xe5]")},
    {"n_array_colon_instead_of_comma", T("[\"\": 1]")},
    {"n_array_comma_after_close", T("[\"\"],")},
    {"n_array_comma_and_number", T("[,1]")},
    {"n_array_double_comma", T("[1,,2]")},
    {"n_array_double_extra_comma", T("[\"x\",,]")},
    {"n_array_extra_close", T("[\"x\"]]")},
    {"n_array_extra_comma", T("[\"\",]")},
    {"n_array_incomplete", T("[\"x\"")},
    {"n_array_incomplete_invalid_value", T("[x")},
    {"n_array_inner_array_no_comma", T("[3[4]]")},
    {"n_array_invalid_utf8", T("[\xff]")},
    {"n_array_items_separated_by_semicolon", T("[1:2]")},
    {"n_array_just_comma", T("[,]")},
    {"n_array_just_minus", T("[-]")},
    {"n_array_missing_value", T("[   , \"\"]")},
    {"n_array_newlines_unclosed", T("[\"a\",\n4\n,1,")},
    {"n_array_number_and_comma", T("[1,]")},
    {"n_array_number_and_several_commas", T("[1,,]")},
    {"n_array_spaces_vertical_tab_formfeed", T("[\"\va\"\\f]")},
    {"n_array_star_inside", T("[*]")},
    {"n_array_unclosed", T("[\"\"")},
    {"n_array_unclosed_trailing_comma", T("[1,")},
    {"n_array_unclosed_with_new_lines", T("[1,\n1\n,1")},
    {"n_array_unclosed_with_object_inside", T("[{}")},
    {"n_incomplete_false", T("[fals]")},
    {"n_incomplete_null", T("[nul]")},
    {"n_incomplete_true", T("[tru]")},
    {"n_multidigit_number_then_00", T("123\0")},
    {"n_number_++", T("[++1234]")},
    {"n_number_+1", T("[+1]")},
    {"n_number_+Inf", T("[+Inf]")},
    {"n_number_-01", T("[-01]")},
    {"n_number_-1.0.", T("[-1.0.]")},
    {"n_number_-2.", T("[-2.]")},
    {"n_number_-NaN", T("[-NaN]")},
    {"n_number_.-1", T("[.-1]")},
    {"n_number_.2e-3", T("[.2e-3]")},
    {"n_number_0.1.2", T("[0.1.2]")},
    {"n_number_0.3e+", T("[0.3e+]")},
    {"n_number_0.3e", T("[0.3e]")},
    {"n_number_0.e1", T("[0.e1]")},
    {"n_number_0_capital_E+", T("[0E+]")},
    {"n_number_0_capital_E", T("[0E]")},
    {"n_number_0e+", T("[0e+]")},
    {"n_number_0e", T("[0e]")},
    {"n_number_1.0e+", T("[1.0e+]")},
    {"n_number_1.0e-", T("[1.0e-]")},
    {"n_number_1.0e", T("[1.0e]")},
    {"n_number_1_000", T("[1 000.0]")},
    {"n_number_1eE2", T("[1eE2]")},
    {"n_number_2.e+3", T("[2.e+3]")},
    {"n_number_2.e-3", T("[2.e-3]")},
    {"n_number_2.e3", T("[2.e3]")},
    {"n_number_9.e+", T("[9.e+]")},
    {"n_number_Inf", T("[Inf]")},
    {"n_number_NaN", T("[NaN]")},
    {"n_number_U+FF11_fullwidth_digit_one", T("[\xef\xbc\x91]")},
    {"n_number_expression", T("[1+2]")},
    {"n_number_hex_1_digit", T("[0x1]")},
    {"n_number_hex_2_digits", T("[0x42]")},
    {"n_number_infinity", T("[Infinity]")},
    {"n_number_invalid+-", T("[0e+-1]")},
    {"n_number_invalid-negative-real", T("[-123.123foo]")},
    {"n_number_invalid-utf-8-in-bigger-int", T("[123\xe5]")},
    {"n_number_invalid-utf-8-in-exponent", T("[1e1\xe5]")},
    {"n_number_invalid-utf-8-in-int", T("[0\xe5]\n")},
    {"n_number_minus_infinity", T("[-Infinity]")},
    {"n_number_minus_sign_with_trailing_garbage", T("[-foo]")},
    {"n_number_minus_space_1", T("[- 1]")},
    {"n_number_neg_int_starting_with_zero", T("[-012]")},
    {"n_number_neg_real_without_int_part", T("[-.123]")},
    {"n_number_neg_with_garbage_at_end", T("[-1x]")},
    {"n_number_real_garbage_after_e", T("[1ea]")},
    {"n_number_real_with_invalid_utf8_after_e", T("[1e\xe5]")},
    {"n_number_real_without_fractional_part", T("[1.]")},
    {"n_number_starting_with_dot", T("[.123]")},
    {"n_number_with_alpha", T("[1.2a-3]")},
    {"n_number_with_alpha_char", T("[1.8011670033376514H-308]")},
    {"n_number_with_leading_zero", T("[012]")},
    {"n_object_bad_value", T("[\"x\", truth]")},
    {"n_object_bracket_key", T("{[: \"x\"}\n")},
    {"n_object_comma_instead_of_colon", T("{\"x\", null}")},
    {"n_object_double_colon", T("{\"x\"::\"b\"}")},
    {"n_object_emoji", T("{\xf0\x9f\x87\xa8\xf0\x9f\x87\xad}")},
    {"n_object_garbage_at_end", T("{\"a\":\"a\" 123}")},
    {"n_object_key_with_single_quotes", T("{key: 'value'}")},
    {"n_object_lone_continuation_byte_in_key_and_trailing_comma", T("{\"\xb9\":\"0\",}")},
    {"n_object_missing_colon", T("{\"a\" b}")},
    {"n_object_missing_key", T("{:\"b\"}")},
    {"n_object_missing_semicolon", T("{\"a\" \"b\"}")},
    {"n_object_missing_value", T("{\"a\":")},
    {"n_object_no-colon", T("{\"a\"")},
    {"n_object_non_string_key", T("{1:1}")},
    {"n_object_non_string_key_but_huge_number_instead", T("{9999E9999:1}")},
    {"n_object_repeated_null_null", T("{null:null,null:null}")},
    {"n_object_several_trailing_commas", T("{\"id\":0,,,,,}")},
    {"n_object_single_quote", T("{'a':0}")},
    {"n_object_trailing_comma", T("{\"id\":0,}")},
    {"n_object_trailing_comment", T("{\"a\":\"b\"}/**/")},
    {"n_object_trailing_comment_open", T("{\"a\":\"b\"}/**//")},
    {"n_object_trailing_comment_slash_open", T("{\"a\":\"b\"}//")},
    {"n_object_trailing_comment_slash_open_incomplete", T("{\"a\":\"b\"}/")},
    {"n_object_two_commas_in_a_row", T("{\"a\":\"b\",,\"c\":\"d\"}")},
    {"n_object_unquoted_key", T("{a: \"b\"}")},
    {"n_object_unterminated-value", T("{\"a\":\"a")},
    {"n_object_with_single_string", T("{ \"foo\" : \"bar\", \"a\" }")},
    {"n_object_with_trailing_garbage", T("{\"a\":\"b\"}#")},
    {"n_single_space", T(" ")},
    {"n_string_1_surrogate_then_escape", T("[\"\\uD800\\\"]")},
    {"n_string_1_surrogate_then_escape_u", T("[\"\\uD800\\u\"]")},
    {"n_string_1_surrogate_then_escape_u1", T("[\"\\uD800\\u1\"]")},
    {"n_string_1_surrogate_then_escape_u1x", T("[\"\\uD800\\u1x\"]")},
    {"n_string_accentuated_char_no_quotes", T("[\xc3\xa9]")},
    {"n_string_backslash_00", T("[\"\\\0\"]")},
    {"n_string_escape_x", T("[\"\\x00\"]")},
    {"n_string_escaped_backslash_bad", T("[\"\\\\\\\"]")},
    {"n_string_escaped_ctrl_char_tab", T("[\"\\\t\"]")},
    {"n_string_escaped_emoji", T("[\"\\\xf0\x9f\x8c\x80\"]")},
    {"n_string_incomplete_escape", T("[\"\\\"]")},
    {"n_string_incomplete_escaped_character", T("[\"\\u00A\"]")},
    {"n_string_incomplete_surrogate", T("[\"\\uD834\\uDd\"]")},
    {"n_string_incomplete_surrogate_escape_invalid", T("[\"\\uD800\\uD800\\x\"]")},
    {"n_string_invalid-utf-8-in-escape", T("[\"\\u\xe5\"]")},
    {"n_string_invalid_backslash_esc", T("[\"\\a\"]")},
    {"n_string_invalid_unicode_escape", T("[\"\\uqqqq\"]")},
    {"n_string_invalid_utf8_after_escape", T("[\"\\\xe5\"]")},
    {"n_string_leading_uescaped_thinspace", T("[\\u0020\"asd\"]")},
    {"n_string_no_quotes_with_bad_escape", T("[\\n]")},
    {"n_string_single_doublequote", T("\"")},
    {"n_string_single_quote", T("['single quote']")},
    {"n_string_single_string_no_double_quotes", T("abc")},
    {"n_string_start_escape_unclosed", T("[\"\\")},
    {"n_string_unescaped_ctrl_char", T("[\"a\0a\"]")},
    {"n_string_unescaped_newline", T("[\"new\nline\"]")},
    {"n_string_unescaped_tab", T("[\"\t\"]")},
    {"n_string_unicode_CapitalU", T("\"\\UA66D\"")},
    {"n_string_with_trailing_garbage", T("\"\"x")},
    {"n_structure_U+2060_word_joined", T("[\xe2\x81\xa0]")},
    {"n_structure_UTF8_BOM_no_data", T("\xef\xbb\xbf")},
    {"n_structure_angle_bracket_.", T("<.>")},
    {"n_structure_angle_bracket_null", T("[<null>]")},
    {"n_structure_array_trailing_garbage", T("[1]x")},
    {"n_structure_array_with_extra_array_close", T("[1]]")},
    {"n_structure_array_with_unclosed_string", T("[\"asd]")},
    {"n_structure_ascii-unicode-identifier", T("a\xc3\xa5")},
    {"n_structure_capitalized_True", T("[True]")},
    {"n_structure_close_unopened_array", T("1]")},
    {"n_structure_comma_instead_of_closing_brace", T("{\"x\": true,")},
    {"n_structure_double_array", T("[][]")},
    {"n_structure_end_array", T("]")},
    {"n_structure_incomplete_UTF8_BOM", T("\xef\xbb{}")},
    {"n_structure_lone-invalid-utf-8", T("\xe5")},
    {"n_structure_lone-open-bracket", T("[")},
    {"n_structure_no_data", T("")},
    {"n_structure_null-byte-outside-string", T("[\0]")},
    {"n_structure_number_with_trailing_garbage", T("2@")},
    {"n_structure_object_followed_by_closing_object", T("{}}")},
    {"n_structure_object_unclosed_no_value", T("{\"\":")},
    {"n_structure_object_with_comment", T("{\"a\":/*comment*/\"b\"}")},
    {"n_structure_object_with_trailing_garbage", T("{\"a\": true} \"x\"")},
    {"n_structure_open_array_apostrophe", T("['")},
    {"n_structure_open_array_comma", T("[,")},
    {"n_structure_open_array_open_object", T("[{")},
    {"n_structure_open_array_open_string", T("[\"a")},
    {"n_structure_open_array_string", T("[\"a\"")},
    {"n_structure_open_object", T("{")},
    {"n_structure_open_object_close_array", T("{]")},
    {"n_structure_open_object_comma", T("{,")},
    {"n_structure_open_object_open_array", T("{[")},
    {"n_structure_open_object_open_string", T("{\"a")},
    {"n_structure_open_object_string_with_apostrophes", T("{'a'")},
    {"n_structure_open_open", T("[\"\\{[\"\\{[\"\\{[\"\\{")},
    {"n_structure_single_eacute", T("\xe9")},
    {"n_structure_single_star", T("*")},
    {"n_structure_trailing_#", T("{\"a\":\"b\"}#{}")},
    {"n_structure_uescaped_LF_before_string", T("[\\u000A\"\"]")},
    {"n_structure_unclosed_array", T("[1")},
    {"n_structure_unclosed_array_partial_null", T("[ false, nul")},
    {"n_structure_unclosed_array_unfinished_false", T("[ true, fals")},
    {"n_structure_unclosed_array_unfinished_true", T("[ false, tru")},
    {"n_structure_unclosed_object", T("{\"asd\":\"asd\"")},
    {"n_structure_unicode-identifier", T("\xc3\xa5")},
    {"n_structure_whitespace_U+2060_word_joiner", T("\xe2\x81\xa0")},
    {"n_structure_whitespace_formfeed", T("[\f]")},
    /* Left open by the suite; we take UTF-8 and nothing else (dossier §2.9). */
    {"i_string_UTF-16LE_with_BOM", T("\xff\xfe[\0\"\0\xe9\0\"\0]\0")},
    {"i_string_UTF-8_invalid_sequence", T("[\"\xe6\x97\xa5\xd1\x88\xfa\"]")},
    {"i_string_UTF8_surrogate_U+D800", T("[\"\xed\xa0\x80\"]")},
    {"i_string_invalid_utf-8", T("[\"\xff\"]")},
    {"i_string_iso_latin_1", T("[\"\xe9\"]")},
    {"i_string_lone_utf8_continuation_byte", T("[\"\x81\"]")},
    {"i_string_not_in_unicode_range", T("[\"\xf4\xbf\xbf\xbf\"]")},
    {"i_string_overlong_sequence_2_bytes", T("[\"\xc0\xaf\"]")},
    {"i_string_overlong_sequence_6_bytes", T("[\"\xfc\x83\xbf\xbf\xbf\xbf\"]")},
    {"i_string_overlong_sequence_6_bytes_null", T("[\"\xfc\x80\x80\x80\x80\x80\"]")},
    {"i_string_truncated-utf-8", T("[\"\xe0\xff\"]")},
    {"i_string_utf16BE_no_BOM", T("\0[\0\"\0\xe9\0\"\0]")},
    {"i_string_utf16LE_no_BOM", T("[\0\"\0\xe9\0\"\0]\0")},
    /* Ours. */
    {"two byte order marks", T("\xef\xbb\xbf\xef\xbb\xbf{}")},
    {"a sequence cut by the end", T("\"\xe2\x82")},
};

/* In memory of just its size, so that a sanitizer sees a read past the end. */
static bool scan_exact(struct bytes text, struct scan_span *ret_root,
                       struct scan_fault *ret_fault)
{
    char *copy = malloc(text.len > 0 ? text.len : 1);
    bool ok;

    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    ok = scan_json(bytes_of(copy, text.len), NULL, ret_root, ret_fault);
    free(copy);
    return ok;
}

static void json_is_accepted(void **state)
{
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        if (!scan_exact(accepted[i].text, &root, &fault))
            fail_msg("%s: got a fault at byte %zu (%s), want none", accepted[i].name,
                     fault.offset, fault.why);
    }
}

static void what_is_not_json_is_refused(void **state)
{
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        if (scan_exact(refused[i].text, &root, &fault))
            fail_msg("%s: got accepted, want a fault", refused[i].name);
        assert_true(fault.offset <= refused[i].text.len && fault.why != NULL);
    }
}

static void every_control_is_refused_in_a_string(void **state)
{
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    for (int c = 0; c < 0x20; c++) {
        const char text[] = {'"', 'a', (char)c, '"'};

        if (scan_json(bytes_of(text, sizeof(text)), NULL, &root, &fault))
            fail_msg("control %d: got accepted, want a fault", c);
        assert_int_equal(fault.offset, 2);
    }
}

static void add_times(struct buf *text, const char *piece, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buf_add_text(text, piece), 0);
}

static void depth_is_bounded(void **state)
{
    static const struct {
        const char *why;
        const char *open;
        size_t n_open;
        const char *core;
        const char *close;
        size_t n_close;
        bool ok;
    } cases[] = {
        {"i_structure_500_nested_arrays", "[", 500, "", "]", 500, true},
        {"the deepest arrays", "[", 512, "", "]", 512, true},
        {"one array too deep", "[", 513, "", "]", 513, false},
        {"the deepest objects", "{\"a\":", 512, "1", "}", 512, true},
        {"one object too deep", "{\"a\":", 513, "1", "}", 513, false},
        {"the deepest of both", "[{\"a\":", 256, "1", "}]", 256, true},
        {"an object closed as an array", "[{\"a\":", 256, "1", "]}", 256, false},
        {"n_structure_100000_opening_arrays", "[", 100000, "", "", 0, false},
        {"n_structure_open_array_object", "[{\"\":", 50000, "\n", "", 0, false},
        {"side by side is not deep", "", 0, "[[[]]", ",[[]]", 1000, false},
        {"side by side, closed", "[", 1, "[[]]", ",[[]]]", 1, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scan_span root;
        struct scan_fault fault;
        struct buf text;
        bool ok;

        buf_init(&text, 1 << 20);
        add_times(&text, cases[i].open, cases[i].n_open);
        add_times(&text, cases[i].core, 1);
        add_times(&text, cases[i].close, cases[i].n_close);
        ok = scan_json(buf_bytes(&text), NULL, &root, &fault);
        if (ok != cases[i].ok)
            fail_msg("%s: got %d, want %d", cases[i].why, ok, cases[i].ok);
        if (ok)
            assert_int_equal(root.text.len, text.len);
        buf_done(&text);
    }
}

static void a_fault_says_where_and_why(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *why;
    } cases[] = {
        {"", 0, "value expected"},
        {"{\"a\":1,}", 7, "key expected"},
        {"[1 2]", 3, "comma or ] expected"},
        {"{\"a\":1 2}", 7, "comma or } expected"},
        {"{\"a\" 1}", 5, "colon expected"},
        {"[\"a\nb\"]", 3, "control character in a string"},
        {"[\"\\x\"]", 2, "bad escape"},
        {"[\"ab\xff\"]", 4, "not UTF-8"},
        {"[-a]", 2, "digit expected"},
        {"{} {}", 3, "text after the value"},
        {"[\"abc", 5, "string without end"},
        {"[[1]", 4, "ends too early"},
    };
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_false(scan_json(bytes_str(cases[i].text), NULL, &root, &fault));
        if (fault.offset != cases[i].offset || strcmp(fault.why, cases[i].why) != 0)
            fail_msg("%s: got %zu \"%s\", want %zu \"%s\"", cases[i].text, fault.offset,
                     fault.why, cases[i].offset, cases[i].why);
    }
}

/* What a visitor saw, one line for a part. */
struct seen {
    char text[1024];
};

static void see_member(void *arg, const struct scan_member *member)
{
    struct seen *seen = arg;
    size_t len = strlen(seen->text);

    snprintf(seen->text + len, sizeof(seen->text) - len, "%.*s%s=%d:%.*s%s;",
             BYTES_FMT(member->key), member->key_has_escape ? "\\" : "",
             (int)member->value.kind, BYTES_FMT(member->value.text),
             member->value.has_escape ? "\\" : "");
}

static void see_element(void *arg, size_t index, const struct scan_span *element)
{
    struct seen *seen = arg;
    size_t len = strlen(seen->text);

    snprintf(seen->text + len, sizeof(seen->text) - len, "%zu=%d:%.*s;", index,
             (int)element->kind, BYTES_FMT(element->text));
}

static void the_parts_of_the_root_are_visited(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        const char *want;
    } cases[] = {
        {"every kind, with the white space off",
         " { \"a\" : null , \"b\":true,\"c\":false ,\"d\":-1.50e3,\"e\":\"x\" } ",
         "a=1:null;b=3:true;c=2:false;d=4:-1.50e3;e=5:\"x\";"},
        {"a container is one part, as sent", "{\"a\":{ \"b\": [1] },\"c\":[ {} ]}",
         "a=7:{ \"b\": [1] };c=6:[ {} ];"},
        {"escapes are told", "{\"\\u0061\":\"\\n\",\"b\":\"n\"}",
         "\\u0061\\=5:\"\\n\"\\;b=5:\"n\";"},
        {"an escape deeper down is not the part's", "{\"a\":[\"\\n\"]}",
         "a=6:[\"\\n\"];"},
        {"a key that comes again is a part again", "{\"a\":1,\"b\":2,\"a\":3}",
         "a=4:1;b=4:2;a=4:3;"},
        {"elements are counted", "[ 1 ,[2], \"3\" ]", "0=4:1;1=6:[2];2=5:\"3\";"},
        {"nothing in nothing", "{}", ""},
        {"a scalar has no parts", "17", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct seen seen = {0};
        struct scan_visitor visitor = {
            .member = see_member, .element = see_element, .arg = &seen};
        struct scan_span root;
        struct scan_fault fault;

        assert_true(scan_json(bytes_str(cases[i].text), &visitor, &root, &fault));
        if (strcmp(seen.text, cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, seen.text, cases[i].want);
    }
}

static bool see_array(const char *text, char *ret, size_t size, struct scan_fault *fault)
{
    struct seen seen = {0};
    const struct scan_visitor visitor = {
        .member = see_member, .element = see_element, .arg = &seen};
    struct scan_array array;
    struct scan_span element;

    scan_array_init(&array, bytes_str(text));
    while (scan_array_next(&array, &visitor, &element)) {
        size_t len = strlen(seen.text);

        snprintf(seen.text + len, sizeof(seen.text) - len, "<%d %.*s>", (int)element.kind,
                 BYTES_FMT(element.text));
    }
    snprintf(ret, size, "%s", seen.text);
    *fault = array.fault;
    return !scan_array_next(&array, &visitor, &element) && array.fault.why == NULL;
}

static void an_array_is_taken_element_by_element(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        const char *want;
    } cases[] = {
        {"what is visited is an element's", "[{\"a\":1,\"b\":{\"c\":2}},{\"a\":[3]}]",
         "a=4:1;b=7:{\"c\":2};<7 {\"a\":1,\"b\":{\"c\":2}}>a=6:[3];<7 {\"a\":[3]}>"},
        {"every kind", " [ 1 ,[2 , 3], \"3\",null ] ",
         "<4 1>0=4:2;1=4:3;<6 [2 , 3]><5 \"3\"><1 null>"},
        {"none", "[ ]", ""},
        {"one leading mark is skipped", "\xef\xbb\xbf[1]", "<4 1>"},
        {"brackets in strings are text", "[\"]\",\"[\"]", "<5 \"]\"><5 \"[\">"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scan_fault fault;
        char got[1024];

        if (!see_array(cases[i].text, got, sizeof(got), &fault))
            fail_msg("%s: %s at %zu", cases[i].why, fault.why, fault.offset);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, got, cases[i].want);
    }
}

/* Whoever scans it whole finds the same fault at the same place. */
static void a_faulty_array_ends_where_scan_json_ends(void **state)
{
    static const char *const texts[] = {
        "[",         "[1",         "[1,",     "[1,]",         "[,1]",       "[1 2]",
        "[1}",       "[{}",        "[{]",     "[{\"a\":1]}]", "[1]x",       "[1],",
        "[[1,[2]]",  "[\"a]",      "[01]",    "[1,\x01]",     "[1]\xff",    " [nul]",
        "[{\"a\"}]", "[{\"a\":}]", "[[],{},", "[\xc0]",       "[\"\xc0\"]",
    };
    char got[1024];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct scan_span root;
        struct scan_fault want = {.why = ""};
        struct scan_fault fault = {.why = ""};

        if (scan_json(bytes_str(texts[i]), NULL, &root, &want) ||
            see_array(texts[i], got, sizeof(got), &fault))
            fail_msg("%s is JSON", texts[i]);
        if (fault.offset != want.offset || strcmp(fault.why, want.why) != 0)
            fail_msg("%s: got %s at %zu, want %s at %zu", texts[i], fault.why,
                     fault.offset, want.why, want.offset);
    }
}

static void what_is_no_array_has_no_elements(void **state)
{
    static const char *const texts[] = {"", " ", "{}", "1", "x", "\"[\""};
    char got[1024];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct scan_fault fault;

        assert_false(see_array(texts[i], got, sizeof(got), &fault));
        assert_string_equal(fault.why, "array expected");
        assert_string_equal(got, "");
    }
}

static void elements_nest_as_deep_as_the_whole_may(void **state)
{
    char text[2 * SCAN_DEPTH + 2];
    struct scan_fault fault;
    char got[1024];

    (void)state;
    memset(text, '[', SCAN_DEPTH);
    memset(text + SCAN_DEPTH, ']', SCAN_DEPTH);
    text[2 * SCAN_DEPTH] = '\0';
    assert_true(see_array(text, got, sizeof(got), &fault));
    memset(text, '[', SCAN_DEPTH + 1);
    text[2 * SCAN_DEPTH] = ']';
    text[2 * SCAN_DEPTH + 1] = '\0';
    assert_false(see_array(text, got, sizeof(got), &fault));
    assert_string_equal(fault.why, "nested too deeply");
}

static void the_root_is_spanned_without_what_is_around_it(void **state)
{
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    assert_true(scan_json(BYTES("\xef\xbb\xbf \n\"a\\tb\"\r\t "), NULL, &root, &fault));
    assert_int_equal(root.kind, SCAN_STRING);
    assert_true(root.has_escape);
    assert_true(bytes_eq(root.text, BYTES("\"a\\tb\"")));
    assert_true(bytes_eq(scan_inside(&root), BYTES("a\\tb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_accepted),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(every_control_is_refused_in_a_string),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_fault_says_where_and_why),
        cmocka_unit_test(the_parts_of_the_root_are_visited),
        cmocka_unit_test(an_array_is_taken_element_by_element),
        cmocka_unit_test(a_faulty_array_ends_where_scan_json_ends),
        cmocka_unit_test(what_is_no_array_has_no_elements),
        cmocka_unit_test(elements_nest_as_deep_as_the_whole_may),
        cmocka_unit_test(the_root_is_spanned_without_what_is_around_it),
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
