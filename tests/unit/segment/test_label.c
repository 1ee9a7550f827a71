/* SPDX-License-Identifier: MIT */

#include "segment/label.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    struct bytes label;
    const char *want;
} cases[] = {
    {"the dossier's example", BYTES("Custom Setting One"), "customSettingOne"},
    {"capitals first", BYTES("API Key"), "apiKey"},
    {"capitals behind", BYTES("customer ID"), "customerId"},
    {"a digit first", BYTES("1st key"), "1stKey"},
    {"capitals in the middle", BYTES("My API Key"), "myApiKey"},
    {"one letter", BYTES("plan B"), "planB"},
    {"the rest of a word is kept", BYTES("use iPhone eMail"), "useIPhoneEMail"},
    {"but not of the first", BYTES("iPhone Key"), "iphoneKey"},
    {"capitals with digits", BYTES("the SHA256 of S3"), "theSha256OfS3"},
    {"a word that begins with a digit", BYTES("line 2nd"), "line2nd"},
    {"a word of digits", BYTES("line 2"), "line2"},
    {"a key already", BYTES("apiKey"), "apikey"},
    {"underscores and dashes", BYTES("__api-key__name"), "apiKeyName"},
    {"runs of signs", BYTES("  API -- (Key)! "), "apiKey"},
    {"an apostrophe divides", BYTES("user's name"), "userSName"},
    {"letters beyond ASCII are kept",
     BYTES("Gr\xc3\xb6\xc3\x9f"
           "e in \xc3\x84rger"),
     "gr\xc3\xb6\xc3\x9f"
     "eIn\xc3\x84rger"},
    {"signs beyond ASCII divide", BYTES("price \xe2\x80\x93 in\xc2\xa0\xe2\x82\xac now"),
     "priceInNow"},
    {"nothing but letters beyond ASCII", BYTES("\xe5\x90\x8d\xe5\x89\x8d"),
     "\xe5\x90\x8d\xe5\x89\x8d"},
    {"a picture divides",
     BYTES("a\xf0\x9f\x98\x80"
           "b"),
     "aB"},
    {"what is not UTF-8 divides",
     BYTES("a\xff\xc3"
           "b"),
     "aB"},
    {"a NUL divides", BYTES("a\0b"), "aB"},
    {"digits only", BYTES("12 3"), ""},
    {"signs only", BYTES("--- !"), ""},
    {"nothing", BYTES(""), ""},
};

static void a_label_becomes_a_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {.max_bytes = 100};

        assert_int_equal(label_key(cases[i].label, &got), 0);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
    }
}

static void a_key_is_added_whole_or_not_at_all(void **state)
{
    cleanup(buf_done) struct buf got = {.max_bytes = 10};

    (void)state;
    (void)buf_add_text(&got, "key ");
    assert_int_equal(label_key(BYTES("API keys"), &got), BUF_FULL);
    assert_string_equal(buf_text(&got), "key ");
    assert_int_equal(label_key(BYTES("--- API --- key ---"), &got), 0);
    assert_string_equal(buf_text(&got), "key apiKey");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_becomes_a_key),
        cmocka_unit_test(a_key_is_added_whole_or_not_at_all),
    };

    return cmocka_run_group_tests_name("label", tests, NULL, NULL);
}
