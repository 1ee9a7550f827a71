/* SPDX-License-Identifier: MIT */

#include "cli/fn_record.h"

#include "lib/cm.h"
#include "json/json.h"

static const struct {
    const char *why;
    const char *settings, *want;
} cases[] = {
    {"a key", "{\"apiKey\":\"abc\"}", "{\"apiKey\":\"masked-apiKey\"}"},
    {"any spelling", "{\"API_KEY\":\"a\"}", "{\"API_KEY\":\"masked-API_KEY\"}"},
    {"a secret between others", "{\"region\":\"eu\",\"client-secret\":\"s\",\"n\":1}",
     "{\"region\":\"eu\",\"client-secret\":\"masked-client-secret\",\"n\":1}"},
    {"what is no secret stays", "{\"endpoint\":\"https://a.example\"}",
     "{\"endpoint\":\"https://a.example\"}"},
    {"only texts can be secrets", "{\"authorize\":true}", "{\"authorize\":true}"},
};

static void secrets_are_known_by_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {0};
        struct json *settings = NULL;

        buf_init(&got, 1000);
        assert_int_equal(0, json_parse(bytes_str(cases[i].settings), &settings, NULL));
        fn_record_mask(settings);
        json_print(settings, /* indented= */ false, &got);
        if (strcmp(cases[i].want, buf_text(&got)) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
        json_free(settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_known_by_their_names),
    };

    return cmocka_run_group_tests_name("fn_record", tests, NULL, NULL);
}
