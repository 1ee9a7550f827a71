/* SPDX-License-Identifier: MIT */

#include "store/password.h"

#include <assert.h>
#include <sodium.h>

enum { PASSES = 2, MEMORY_BYTES = 19 << 20 };

static_assert(PASSWORD_TEXT_BYTES == crypto_pwhash_STRBYTES, "libsodium's text fits");

bool password_hash(struct bytes password, char ret_text[PASSWORD_TEXT_BYTES])
{
    if (sodium_init() < 0)
        return false;
    return crypto_pwhash_str_alg(ret_text, password.ptr != NULL ? password.ptr : "",
                                 password.len, PASSES, MEMORY_BYTES,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static bool pretend(struct bytes password)
{
    char thrown_away[PASSWORD_TEXT_BYTES];

    if (!password_hash(password, thrown_away))
        return false;
    sodium_memzero(thrown_away, sizeof(thrown_away));
    return false;
}

bool password_matches(const char *text, struct bytes password)
{
    if (sodium_init() < 0)
        return false;
    if (text == NULL || text[0] == '\0')
        return pretend(password);
    return crypto_pwhash_str_verify(text, password.ptr != NULL ? password.ptr : "",
                                    password.len) == 0;
}
