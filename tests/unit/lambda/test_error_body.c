/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/error_body.h"

#include "lambda/runtime/runtime.h"
#include "lib/cm.h"

static void the_header_has_the_shape_that_lambda_wants(void **state)
{
    static const struct {
        const char *why, *type, *want;
    } cases[] = {
        {"a class", "EventNotSupported", "Function.EventNotSupported"},
        {"in capitals", "ETIMEDOUT", "Function.ETIMEDOUT"},
        {"whole already", "Function.ResponseSizeTooLarge",
         "Function.ResponseSizeTooLarge"},
        {"of the runtime", "Runtime.ExitError", "Runtime.ExitError"},
        {"of nobody", "Sandbox.Timedout", "Function.Unknown"},
        {"no class within", "Runtime.", "Function.Unknown"},
        {"two dots", "Function.A.B", "Function.Unknown"},
        {"a small letter first", "error", "Function.Unknown"},
        {"a digit", "Error2", "Function.Unknown"},
        {"one letter", "E", "Function.Unknown"},
        {"two letters", "Er", "Function.Er"},
        {"none", "", "Function.Unknown"},
        {"a line break", "Err\r\nX: y", "Function.Unknown"},
        {"not ASCII", "Ünicode", "Function.Unknown"},
        {"too long",
         "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "Function.Unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char got[ERROR_BODY_TYPE_BYTES];

        error_body_type(bytes_str(cases[i].type), got);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, got, cases[i].want);
    }
}

static void the_body_has_its_three_members_always(void **state)
{
    static const struct {
        const char *why, *type, *message, *stack, *want;
    } cases[] = {
        {"whole", "TypeError", "no", "TypeError: no\n    at onTrack (index.js:2:3)",
         "{\"errorMessage\":\"no\",\"errorType\":\"TypeError\",\"stackTrace\":"
         "[\"TypeError: no\",\"at onTrack (index.js:2:3)\"]}"},
        {"nothing", "", "", "",
         "{\"errorMessage\":\"\",\"errorType\":\"Error\",\"stackTrace\":[]}"},
        {"what must be escaped", "A\"", "line\nbreak \xff", "\n\n",
         "{\"errorMessage\":\"line\\nbreak \xef\xbf\xbd\",\"errorType\":\"A\\\"\","
         "\"stackTrace\":[]}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct runtime_failure failure = {bytes_str(cases[i].type),
                                                bytes_str(cases[i].message),
                                                bytes_str(cases[i].stack)};
        struct buf got;

        buf_init(&got, ERROR_BODY_BYTES);
        error_body_write(&failure, &got);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
        buf_done(&got);
    }
}

static void the_longest_texts_still_make_a_whole_body(void **state)
{
    static char long_text[1 << 20];
    const struct bytes text = bytes_of(long_text, sizeof(long_text));
    const struct runtime_failure failure = {text, text, text};
    struct buf got;

    (void)state;
    memset(long_text, 1, sizeof(long_text)); /* six characters each when escaped */
    buf_init(&got, ERROR_BODY_BYTES);
    error_body_write(&failure, &got);
    assert_false(got.full);
    assert_true(bytes_ends(buf_bytes(&got), BYTES("]}")));
    buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_has_the_shape_that_lambda_wants),
        cmocka_unit_test(the_body_has_its_three_members_always),
        cmocka_unit_test(the_longest_texts_still_make_a_whole_body),
    };

    return cmocka_run_group_tests_name("error_body", tests, NULL, NULL);
}
