/* SPDX-License-Identifier: MIT */

#include "core/credential.h"

#include "base/utf8.h"

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '_' || c == '-' || c == '+' || c == '@';
}

const char *credential_name_fault(struct bytes name)
{
    if (name.len < 1 || name.len > CREDENTIAL_NAME_BYTES)
        return "a name has 1 to 64 characters";
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_char(name.ptr[i]))
            return "a name is letters and digits, and . _ - + @";
    }
    return NULL;
}

const char *credential_password_fault(struct bytes password, struct bytes name)
{
    size_t n_chars = 0;
    size_t at = 0;

    if (password.len > CREDENTIAL_PASSWORD_BYTES)
        return "a password has at most 1024 bytes";
    while (at < password.len) {
        size_t len = utf8_sequence_len(password.ptr + at, password.len - at);

        if (len == 0)
            return "a password is text in UTF-8";
        at += len;
        n_chars++;
    }
    if (n_chars < CREDENTIAL_PASSWORD_CHARS)
        return "a password has at least 12 characters";
    return bytes_eq_nocase(password, name) ? "a password is not the user's name" : NULL;
}
