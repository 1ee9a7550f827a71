/* SPDX-License-Identifier: MIT */

#include "base/digest.h"

#include "base/hex.h"

#include "lib/cm.h"

static void sha256_knows_its_vectors(void **state)
{
    /* FIPS 180-2, appendix B. */
    static const struct {
        const char *message;
        const char *want;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes message = bytes_str(cases[i].message);
        uint8_t sum[SHA256_LEN];
        char text[2 * SHA256_LEN + 1];

        sha256_sum(&message, 1, sum);
        hex_encode(sum, sizeof(sum), text);
        assert_string_equal(text, cases[i].want);
    }
}

static void sha256_of_parts_is_that_of_their_concatenation(void **state)
{
    const struct bytes whole = BYTES("abc");
    const struct bytes parts[] = {BYTES("a"), bytes_of(NULL, 0), BYTES("bc")};
    uint8_t of_whole[SHA256_LEN];
    uint8_t of_parts[SHA256_LEN];

    (void)state;
    sha256_sum(&whole, 1, of_whole);
    sha256_sum(parts, COUNT(parts), of_parts);
    assert_memory_equal(of_whole, of_parts, SHA256_LEN);
}

static void hmac_sha1_signs_as_segment_does(void **state)
{
    /* The protocol's own vectors, and RFC 2202's second case. */
    static const struct {
        const char *key;
        const char *message;
        const char *want;
    } cases[] = {
        {"abc123", "{\"cool\":true}", "5099cab379b3be52908387457007040cc934ef86"},
        {"abc123", "{\"cool\":false}", "c702b94a2569dd8d2f7185ce0ae951021bef4706"},
        {"Jefe", "what do ya want for nothing?",
         "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct hmac_sha1 *hmac = hmac_sha1_new(bytes_str(cases[i].key));

        for (int twice = 0; twice < 2; twice++) { /* a prepared key is not used up */
            uint8_t sum[HMAC_SHA1_LEN];
            char text[2 * HMAC_SHA1_LEN + 1];

            hmac_sha1_sum(hmac, bytes_str(cases[i].message), sum);
            hex_encode(sum, sizeof(sum), text);
            assert_string_equal(text, cases[i].want);
        }
        hmac_sha1_free(hmac);
    }
    hmac_sha1_free(NULL);
}

static void hmac_sha256_knows_its_vector(void **state)
{
    uint8_t sum[SHA256_LEN];
    char text[2 * SHA256_LEN + 1];

    (void)state; /* RFC 4231's second case */
    hmac_sha256_sum(BYTES("Jefe"), BYTES("what do ya want for nothing?"), sum);
    hex_encode(sum, sizeof(sum), text);
    assert_string_equal(
        text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_knows_its_vectors),
        cmocka_unit_test(sha256_of_parts_is_that_of_their_concatenation),
        cmocka_unit_test(hmac_sha1_signs_as_segment_does),
        cmocka_unit_test(hmac_sha256_knows_its_vector),
    };

    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
