/* SPDX-License-Identifier: MIT */

#include "segment/pkce.h"

#include "base/base64.h"
#include "base/digest.h"
#include "base/secret.h"

enum { LEN_MIN = 43, LEN_MAX = 128 };

/* Unreserved characters, RFC 7636 §4.1. */
static bool is_well_formed(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-' &&
            c != '.' && c != '_' && c != '~')
            return false;
    }
    return text.len >= LEN_MIN && text.len <= LEN_MAX;
}

enum pkce_method pkce_parse(struct bytes method, struct bytes challenge)
{
    if (challenge.len == 0)
        return method.len == 0 ? PKCE_NONE : PKCE_UNKNOWN;
    if (!is_well_formed(challenge))
        return PKCE_UNKNOWN;
    if (bytes_eq(method, BYTES("S256")))
        return PKCE_S256;
    if (method.len == 0 || bytes_eq(method, BYTES("plain")))
        return PKCE_PLAIN;
    return PKCE_UNKNOWN;
}

void pkce_challenge(struct bytes verifier, char ret_text[PKCE_CHALLENGE_LEN])
{
    uint8_t sum[SHA256_LEN];
    struct buf text;

    sha256_sum(&verifier, 1, sum);
    buf_init(&text, PKCE_CHALLENGE_LEN);
    (void)base64url_encode(bytes_of(sum, sizeof(sum)), &text);
    memcpy(ret_text, text.ptr, PKCE_CHALLENGE_LEN);
    buf_done(&text);
}

static bool is_same(struct bytes a, struct bytes b)
{
    return a.len == b.len && secret_eq(a.ptr, b.ptr, a.len);
}

bool pkce_proves(enum pkce_method method, struct bytes challenge, struct bytes verifier)
{
    char text[PKCE_CHALLENGE_LEN];

    if (method == PKCE_NONE)
        return verifier.len == 0;
    if (method == PKCE_UNKNOWN || !is_well_formed(verifier))
        return false;
    if (method == PKCE_PLAIN)
        return is_same(verifier, challenge);
    pkce_challenge(verifier, text);
    return is_same(bytes_of(text, sizeof(text)), challenge);
}
