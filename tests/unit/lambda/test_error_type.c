/* SPDX-License-Identifier: MIT */

#include "lambda/host/error_type.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    struct bytes header;
    const char *want;
} rows[] = {
    {"a runtime's name", BYTES("Runtime.ImportModuleError"), "Runtime.ImportModuleError"},
    {"a function's name", BYTES("Function.RetryError"), "Function.RetryError"},
    {"a name begins with a capital", BYTES("Runtime.importError"), "Runtime.Unknown"},
    {"a name is letters", BYTES("Function.Error2"), "Function.Unknown"},
    {"a name has two letters at least", BYTES("Function.E"), "Function.Unknown"},
    {"there is a name", BYTES("Runtime."), "Runtime.Unknown"},
    {"there is one name", BYTES("Function.A.B"), "Function.Unknown"},
    {"no family", BYTES("RetryError"), "Function.Unknown"},
    {"another family", BYTES("Sandbox.Timedout"), "Function.Unknown"},
    {"nothing", BYTES(""), "Function.Unknown"},
    {"no header", {NULL, 0}, "Function.Unknown"},
};

static void names_are_told_from_what_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char got[ERROR_TYPE_BYTES];

        error_type_of(rows[i].header, got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s: got %s, want %s", rows[i].why, got, rows[i].want);
    }
}

static void a_long_name_is_none(void **state)
{
    char text[ERROR_TYPE_BYTES + 9];
    char got[ERROR_TYPE_BYTES];

    (void)state;
    memset(text, 'A', sizeof(text));
    memcpy(text, "Function.", 9);
    error_type_of(bytes_of(text, sizeof(text)), got);
    assert_string_equal("Function.Unknown", got);
    error_type_of(bytes_of(text, ERROR_TYPE_BYTES - 1), got);
    assert_int_equal(ERROR_TYPE_BYTES - 1, strlen(got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_told_from_what_is_none),
        cmocka_unit_test(a_long_name_is_none),
    };

    return cmocka_run_group_tests_name("error_type", tests, NULL, NULL);
}
