/* SPDX-License-Identifier: MIT */

#include "segment/basic.h"

#include "lib/cm.h"

enum mood { STRICT, LENIENT };

/* printf 'segment:' | base64 */
static const struct {
    const char *why;
    const char *header;
    enum mood mood;
    enum basic_verdict want;
    const char *key;
    const char *raw;
} cases[] = {
    {"the dossier's first", "Basic c2VnbWVudDo=", STRICT, BASIC_KEY, "segment", ""},
    {"the dossier's second", "Basic YWJjZDEyMzQ6", STRICT, BASIC_KEY, "abcd1234", ""},
    {"the dossier's third", "Basic YWJjMTIzOg==", STRICT, BASIC_KEY, "abc123", ""},
    {"scheme in any case, many spaces", "bASIC   YWJjMTIzOg==  ", STRICT, BASIC_KEY,
     "abc123", ""},
    {"padding may be missing", "Basic YWJjMTIzOg", STRICT, BASIC_KEY, "abc123", ""},
    {"the empty key", "Basic Og==", STRICT, BASIC_KEY, "", ""},
    {"a key with a colon", "Basic YTpiOg==", STRICT, BASIC_KEY, "a:b", ""},
    {"a key that ends in a colon", "Basic YTo6", STRICT, BASIC_KEY, "a:", ""},
    {"no header", "", STRICT, BASIC_ABSENT, "", ""},
    {"nothing but space", "  ", STRICT, BASIC_ABSENT, "", ""},
    {"a password", "Basic YTpi", STRICT, BASIC_MALFORMED, "", ""},
    {"no colon", "Basic YWJjMTIz", STRICT, BASIC_MALFORMED, "", ""},
    {"the key itself, as the reference function sends", "Basic abcd1234", STRICT,
     BASIC_MALFORMED, "", ""},
    {"another scheme", "Bearer YWJjMTIzOg==", STRICT, BASIC_MALFORMED, "", ""},
    {"another scheme that begins alike", "BasicX YWJjMTIzOg==", STRICT, BASIC_MALFORMED,
     "", ""},
    {"scheme alone", "Basic", STRICT, BASIC_MALFORMED, "", ""},
    {"scheme and spaces", "Basic   ", STRICT, BASIC_MALFORMED, "", ""},
    {"not base64", "Basic a*b=", STRICT, BASIC_MALFORMED, "", ""},
    {"two tokens", "Basic YWJj MTIzOg==", STRICT, BASIC_MALFORMED, "", ""},
    {"the colon form stays what it is", "Basic YWJjMTIzOg==", LENIENT, BASIC_KEY,
     "abc123", ""},
    {"decodes to something printable", "Basic YWJjMTIz", LENIENT, BASIC_KEY, "abc123",
     "YWJjMTIz"},
    {"decodes to noise: the token, twice", "Basic abcd1234", LENIENT, BASIC_KEY,
     "abcd1234", "abcd1234"},
    {"not base64: the token, twice", "Basic my-key", LENIENT, BASIC_KEY, "my-key",
     "my-key"},
    {"a password is refused all the same", "Basic YTpi", LENIENT, BASIC_MALFORMED, "",
     ""},
    {"never the empty key by accident", "Basic", LENIENT, BASIC_MALFORMED, "", ""},
    {"a token has no spaces", "Basic my key", LENIENT, BASIC_MALFORMED, "", ""},
    {"another scheme is refused", "Bearer abc", LENIENT, BASIC_MALFORMED, "", ""},
};

static void every_header_is_judged(void **state)
{
    struct buf scratch;

    (void)state;
    buf_init(&scratch, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes key;
        struct bytes raw;
        enum basic_verdict got = basic_parse(
            bytes_str(cases[i].header), cases[i].mood == LENIENT, &scratch, &key, &raw);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
        if (!bytes_eq(key, bytes_str(cases[i].key)) ||
            !bytes_eq(raw, bytes_str(cases[i].raw)))
            fail_msg("%s: got %.*s and %.*s, want %s and %s", cases[i].why,
                     BYTES_FMT(key), BYTES_FMT(raw), cases[i].key, cases[i].raw);
    }
    buf_done(&scratch);
}

static void what_is_formatted_is_parsed(void **state)
{
    static const char *const keys[] = {"segment", "", "a:b", "j\xc3\xb8rgen", "::"};
    struct buf header;
    struct buf scratch;

    (void)state;
    buf_init(&header, 1000);
    buf_init(&scratch, 1000);
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct bytes key;
        struct bytes raw;

        buf_clear(&header);
        assert_int_equal(basic_format(bytes_str(keys[i]), &header), 0);
        assert_int_equal(basic_parse(buf_bytes(&header), false, &scratch, &key, &raw),
                         BASIC_KEY);
        assert_true(bytes_eq(key, bytes_str(keys[i])));
    }
    buf_clear(&header);
    assert_int_equal(basic_format(BYTES("segment"), &header), 0);
    assert_string_equal(buf_text(&header), "Basic c2VnbWVudDo=");
    buf_done(&header);
    buf_done(&scratch);
}

static void a_key_too_long_for_scratch_is_malformed(void **state)
{
    struct buf scratch;
    struct bytes key;
    struct bytes raw;

    (void)state;
    buf_init(&scratch, 4);
    assert_int_equal(
        basic_parse(BYTES("Basic c2VnbWVudDo="), false, &scratch, &key, &raw),
        BASIC_MALFORMED);
    buf_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_header_is_judged),
        cmocka_unit_test(what_is_formatted_is_parsed),
        cmocka_unit_test(a_key_too_long_for_scratch_is_malformed),
    };

    return cmocka_run_group_tests_name("basic", tests, NULL, NULL);
}
