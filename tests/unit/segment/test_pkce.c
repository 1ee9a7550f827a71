/* SPDX-License-Identifier: MIT */

#include "segment/pkce.h"

#include "lib/cm.h"

/* RFC 7636, appendix B. */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define SHORT "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX"
#define L32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG L32 L32 L32 L32

static const struct {
    const char *why;
    const char *method;
    const char *challenge;
    enum pkce_method want;
} requests[] = {
    {"nothing was sent", "", "", PKCE_NONE},
    {"hashed", "S256", CHALLENGE, PKCE_S256},
    {"plain", "plain", VERIFIER, PKCE_PLAIN},
    {"plain is the default", "", VERIFIER, PKCE_PLAIN},
    {"another method", "S512", CHALLENGE, PKCE_UNKNOWN},
    {"letter case", "s256", CHALLENGE, PKCE_UNKNOWN},
    {"a method without a challenge", "S256", "", PKCE_UNKNOWN},
    {"too short", "plain", SHORT, PKCE_UNKNOWN},
    {"as long as can be", "plain", LONG, PKCE_PLAIN},
    {"too long", "plain", LONG "a", PKCE_UNKNOWN},
    {"a character that must not be there", "plain", SHORT "+", PKCE_UNKNOWN},
    {"padding", "S256", CHALLENGE "=", PKCE_UNKNOWN},
};

static void every_request_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        const enum pkce_method got =
            pkce_parse(bytes_str(requests[i].method), bytes_str(requests[i].challenge));

        if (got != requests[i].want)
            fail_msg("%s: got %d, want %d", requests[i].why, (int)got,
                     (int)requests[i].want);
    }
}

static const struct {
    const char *why;
    enum pkce_method method;
    const char *challenge;
    const char *verifier;
    bool want;
} proofs[] = {
    {"the RFC's own", PKCE_S256, CHALLENGE, VERIFIER, true},
    {"another verifier", PKCE_S256, CHALLENGE, SHORT "X", false},
    {"the challenge itself", PKCE_S256, CHALLENGE, CHALLENGE, false},
    {"no verifier", PKCE_S256, CHALLENGE, "", false},
    {"a verifier that is too short", PKCE_S256, CHALLENGE, SHORT, false},
    {"plain", PKCE_PLAIN, VERIFIER, VERIFIER, true},
    {"plain, another", PKCE_PLAIN, VERIFIER, CHALLENGE, false},
    {"plain, longer", PKCE_PLAIN, VERIFIER, VERIFIER "a", false},
    {"none was asked for", PKCE_NONE, "", "", true},
    {"a verifier for nothing", PKCE_NONE, "", VERIFIER, false},
    {"unknown proves nothing", PKCE_UNKNOWN, VERIFIER, VERIFIER, false},
};

static void every_proof_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(proofs); i++) {
        const bool got = pkce_proves(proofs[i].method, bytes_str(proofs[i].challenge),
                                     bytes_str(proofs[i].verifier));

        if (got != proofs[i].want)
            fail_msg("%s: got %d, want %d", proofs[i].why, got, proofs[i].want);
    }
}

static void the_challenge_is_the_rfcs(void **state)
{
    char text[PKCE_CHALLENGE_LEN + 1] = "";

    (void)state;
    pkce_challenge(BYTES(VERIFIER), text);
    assert_string_equal(text, CHALLENGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_read),
        cmocka_unit_test(every_proof_is_checked),
        cmocka_unit_test(the_challenge_is_the_rfcs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
