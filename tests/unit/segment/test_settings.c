/* SPDX-License-Identifier: MIT */

#include "segment/settings.h"

#include "lib/cm.h"

/* printf '{}' | base64 */
static const struct {
    const char *why;
    const char *header;
    enum settings_verdict want;
    const char *json;
} cases[] = {
    {"the dossier's example",
     "eyJjdXN0b21TZXR0aW5nT25lIjoiY3VzdG9tIHNldHRpbmcgdmFsdWUifQ==", SETTINGS_GOOD,
     "{\"customSettingOne\":\"custom setting value\"}"},
    {"no settings", "e30=", SETTINGS_GOOD, "{}"},
    {"padding may be missing", " e30 ", SETTINGS_GOOD, "{}"},
    {"space around the object goes", "CiB7fSA=", SETTINGS_GOOD, "{}"},
    {"a byte order mark goes", "77u/e30=", SETTINGS_GOOD, "{}"},
    {"no header", "", SETTINGS_ABSENT, ""},
    {"not base64", "{}", SETTINGS_MALFORMED, ""},
    {"base64 of an array", "W10=", SETTINGS_MALFORMED, ""},
    {"base64 of null", "bnVsbA==", SETTINGS_MALFORMED, ""},
    {"base64 of half an object", "ew==", SETTINGS_MALFORMED, ""},
    {"two lines", "e3\n0=", SETTINGS_MALFORMED, ""},
    {"the URL alphabet", "eyJhIjoiw7_Dv8O_In0=", SETTINGS_MALFORMED, ""},
};

static void every_header_is_judged(void **state)
{
    struct buf json;

    (void)state;
    buf_init(&json, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum settings_verdict got = settings_decode(bytes_str(cases[i].header), &json);

        if (got != cases[i].want || strcmp(buf_text(&json), cases[i].json) != 0)
            fail_msg("%s: got %d %s, want %d %s", cases[i].why, (int)got, buf_text(&json),
                     (int)cases[i].want, cases[i].json);
    }
    buf_done(&json);
}

static void settings_beyond_the_maximum_are_malformed(void **state)
{
    struct buf json;

    (void)state;
    buf_init(&json, 10);
    assert_int_equal(settings_decode(bytes_str(cases[0].header), &json),
                     SETTINGS_MALFORMED);
    assert_int_equal(json.len, 0);
    buf_done(&json);
}

static void encoding_is_padded_on_one_line(void **state)
{
    struct buf header;

    (void)state;
    buf_init(&header, 1000);
    assert_int_equal(settings_encode(bytes_str(cases[0].json), &header), 0);
    assert_string_equal(buf_text(&header), cases[0].header);
    buf_done(&header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_header_is_judged),
        cmocka_unit_test(settings_beyond_the_maximum_are_malformed),
        cmocka_unit_test(encoding_is_padded_on_one_line),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
