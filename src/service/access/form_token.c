/* SPDX-License-Identifier: MIT */

#include "service/access/form_token.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/secret.h"

enum { LASTS_MS = 60 * 60 * 1000, FRESH_MS = LASTS_MS / 2 };

/* "1790000000000.random": when it was made. */
static bool is_younger(struct bytes cookie, int64_t age_ms, int64_t now_ms)
{
    int64_t made_at_ms;

    return bytes_to_i64(bytes_take_until(&cookie, '.'), &made_at_ms) &&
           made_at_ms <= now_ms && now_ms - made_at_ms < age_ms && cookie.len > 0;
}

static void hash(const struct vault *vault, struct bytes cookie,
                 char ret_token[FORM_TOKEN_BYTES])
{
    uint8_t sum[VAULT_HASH_LEN];

    vault_hash(vault, "form", cookie, sum);
    hex_encode(sum, sizeof(sum), ret_token);
}

void form_token_make(const struct vault *vault, const struct server_request *request,
                     int64_t now_ms, char ret_token[FORM_TOKEN_BYTES],
                     char ret_cookie[COOKIE_BYTES])
{
    const struct bytes cookie = cookie_read(request, COOKIE_FORM);
    cleanup(buf_done) struct buf made = {0};

    ret_cookie[0] = '\0';
    if (is_younger(cookie, FRESH_MS, now_ms)) {
        hash(vault, cookie, ret_token);
        return;
    }
    buf_init(&made, COOKIE_VALUE_BYTES);
    buf_addf(&made, "%lld.", (long long)now_ms);
    vault_new_secret("", &made);
    hash(vault, buf_bytes(&made), ret_token);
    cookie_write(COOKIE_FORM, buf_text(&made), LASTS_MS / 1000, cookie_is_secure(request),
                 ret_cookie);
}

bool form_token_is_good(const struct vault *vault, const struct server_request *request,
                        struct bytes token, int64_t now_ms)
{
    const struct bytes cookie = cookie_read(request, COOKIE_FORM);
    char wanted[FORM_TOKEN_BYTES];

    if (!is_younger(cookie, LASTS_MS, now_ms) || token.len != FORM_TOKEN_BYTES - 1)
        return false;
    hash(vault, cookie, wanted);
    return secret_eq(token.ptr, wanted, token.len);
}
