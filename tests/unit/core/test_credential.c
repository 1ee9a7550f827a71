/* SPDX-License-Identifier: MIT */

#include "core/credential.h"

#include "lib/cm.h"

static const struct {
    const char *name;
    bool is_fine;
    const char *why;
} names[] = {
    {"ada", true, "short"},
    {"Ada.Lovelace+ops@example.com", true, "a mail address"},
    {"", false, "no name"},
    {"ada lovelace", false, "a blank"},
    {"ada\n", false, "a line break would be another line of a log"},
    {"<ada>", false, "markup"},
    {"\xc3\xa9mile", false, "what looks alike is not one name"},
    {"0123456789012345678901234567890123456789012345678901234567890123", true, "64"},
    {"01234567890123456789012345678901234567890123456789012345678901234", false, "65"},
};

static const struct {
    const char *password;
    bool is_fine;
    const char *why;
} passwords[] = {
    {"correct horse", true, "long enough"},
    {"elevenchars", false, "eleven"},
    {"twelve chars", true, "twelve"},
    {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", false,
     "seven, though fourteen bytes"},
    {"ada@example.com", false, "the name"},
    {"ADA@example.COM", false, "the name, shouted"},
    {"ada@example.com1", true, "more than the name"},
    {"            ", true, "blanks are characters"},
    {"not utf-8 \xff\xff\xff", false, "another browser would send it otherwise"},
    {"", false, "none"},
};

static void names_are_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *fault = credential_name_fault(bytes_str(names[i].name));

        if ((fault == NULL) != names[i].is_fine)
            fail_msg("\"%s\": got %s, want %d: %s", names[i].name,
                     fault != NULL ? fault : "fine", names[i].is_fine, names[i].why);
    }
}

static void passwords_are_long(void **state)
{
    static char longest[CREDENTIAL_PASSWORD_BYTES + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(passwords); i++) {
        const char *fault = credential_password_fault(bytes_str(passwords[i].password),
                                                      BYTES("ada@example.com"));

        if ((fault == NULL) != passwords[i].is_fine)
            fail_msg("\"%s\": got %s, want %d: %s", passwords[i].password,
                     fault != NULL ? fault : "fine", passwords[i].is_fine,
                     passwords[i].why);
    }
    memset(longest, 'x', sizeof(longest));
    assert_null(
        credential_password_fault(bytes_of(longest, sizeof(longest) - 1), BYTES("ada")));
    assert_non_null(
        credential_password_fault(bytes_of(longest, sizeof(longest)), BYTES("ada")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_plain),
        cmocka_unit_test(passwords_are_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
