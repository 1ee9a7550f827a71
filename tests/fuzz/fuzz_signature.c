/* SPDX-License-Identifier: MIT */

/* The first 40 bytes are the header, the rest is the body. */

#include "base/digest.h"
#include "fuzz/fuzz.h"
#include "segment/signature.h"

enum { HEADER_LEN = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hmac_sha1 *secret;
    struct bytes input = bytes_of(data, size);
    struct bytes body = bytes_slice(input, HEADER_LEN, size);
    char hex[41];

    if (secret == NULL)
        secret = hmac_sha1_new(BYTES("a secret that nobody guesses"));
    if (signature_sign(body, secret, hex)) {
        CLAIM(signature_verify(bytes_str(hex), body, secret) == SIGNATURE_GENUINE);
        /* Nobody guesses a MAC: another one that is genuine is a forgery. */
        CLAIM(signature_verify(bytes_slice(input, 0, HEADER_LEN), body, secret) !=
              SIGNATURE_GENUINE);
        hex[0] = hex[0] == '0' ? '1' : '0';
        CLAIM(signature_verify(bytes_str(hex), body, secret) == SIGNATURE_MISMATCH);
        return 0;
    }
    CLAIM(signature_verify(BYTES("5099cab379b3be52908387457007040cc934ef86"), body,
                           secret) == SIGNATURE_UNSIGNABLE);
    return 0;
}
