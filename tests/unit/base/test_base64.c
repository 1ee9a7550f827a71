/* SPDX-License-Identifier: MIT */

#include "base/base64.h"

#include "lib/cm.h"

/* RFC 4648 §10, and the keys that Segment's documents use. */
static const struct {
    const char *plain;
    const char *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"segment:", "c2VnbWVudDo="},
    {"\xff\xfe\xfd", "//79"},
    {"\xfb\xef\xbe", "++++"},
};

static const struct {
    const char *why;
    const char *text;
    const char *want; /* NULL: refused */
} decodings[] = {
    {"both paddings are missing", "Zg", "f"},
    {"one padding is missing", "Zm8", "fo"},
    {"half of the padding is missing", "Zg=", NULL},
    {"too much padding", "Zm9v=", NULL},
    {"nothing but padding", "====", NULL},
    {"padding in the middle", "Zg==Zg==", NULL},
    {"one character carries no byte", "Z", NULL},
    {"five characters", "Zm9vY", NULL},
    {"unused bits are set, two padded", "Zh==", NULL},
    {"unused bits are set, one padded", "Zm9=", NULL},
    {"unused bits are set, no padding", "Zh", NULL},
    {"a space", "Zm 9v", NULL},
    {"a line break", "Zm9v\n", NULL},
    {"the URL alphabet", "--__", NULL},
    {"the settings of a stranger", "!!!", NULL},
    {"a byte above 127", "Zm9\xc3", NULL},
};

static void encodes_and_decodes_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct buf text;
        struct buf plain;

        buf_init(&text, 100);
        buf_init(&plain, 100);
        assert_int_equal(base64_encode(bytes_str(vectors[i].plain), &text), 0);
        assert_string_equal(buf_text(&text), vectors[i].text);
        assert_true(base64_decode(buf_bytes(&text), &plain));
        assert_string_equal(buf_text(&plain), vectors[i].plain);
        buf_done(&text);
        buf_done(&plain);
    }
}

static void decoding_is_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(decodings); i++) {
        struct buf plain;
        bool ok;

        buf_init(&plain, 100);
        buf_add_text(&plain, "<");
        ok = base64_decode(bytes_str(decodings[i].text), &plain);
        if (ok != (decodings[i].want != NULL))
            fail_msg("%s: got %s, want %s", decodings[i].why, ok ? "accepted" : "refused",
                     decodings[i].want != NULL ? "accepted" : "refused");
        if (!bytes_eq(bytes_slice(buf_bytes(&plain), 1, plain.len),
                      bytes_str(decodings[i].want)))
            fail_msg("%s: got %.*s", decodings[i].why, BYTES_FMT(buf_bytes(&plain)));
        if (plain.ptr[plain.len] != '\0')
            fail_msg("%s: the text is not terminated any more", decodings[i].why);
        buf_done(&plain);
    }
}

/* RFC 4648 §10 without padding, and the two letters that differ. */
static const struct {
    const char *plain;
    const char *text;
} url_vectors[] = {
    {"", ""},
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xfe\xfd", "__79"},
    {"\xfb\xef\xbe", "----"},
    {"\xff", "_w"},
    {"\xfb\xf0", "-_A"},
};

static void for_urls_there_is_no_padding_and_no_slash(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(url_vectors); i++) {
        struct buf text;

        buf_init(&text, 1 + strlen(url_vectors[i].text)); /* not a byte more is needed */
        buf_add_text(&text, "+");
        assert_int_equal(base64url_encode(bytes_str(url_vectors[i].plain), &text), 0);
        assert_int_equal(text.ptr[0], '+');
        assert_string_equal(buf_text(&text) + 1, url_vectors[i].text);
        buf_done(&text);
    }
}

static void no_room_is_said_and_changes_nothing(void **state)
{
    struct buf small;

    (void)state;
    buf_init(&small, 3);
    assert_int_equal(base64_encode(BYTES("f"), &small), BUF_FULL);
    assert_int_equal(small.len, 0);
    buf_clear(&small);
    assert_int_equal(base64url_encode(BYTES("foo"), &small), BUF_FULL);
    assert_int_equal(small.len, 0);
    buf_clear(&small);
    assert_false(base64_decode(BYTES("Zm9vYmFy"), &small));
    assert_int_equal(small.len, 0);
    buf_done(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_and_decodes_the_vectors),
        cmocka_unit_test(decoding_is_strict),
        cmocka_unit_test(for_urls_there_is_no_padding_and_no_slash),
        cmocka_unit_test(no_room_is_said_and_changes_nothing),
    };

    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
