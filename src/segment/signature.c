/* SPDX-License-Identifier: MIT */

#include "segment/signature.h"

#include "base/digest.h"
#include "base/hex.h"
#include "base/secret.h"
#include "segment/canonical.h"
#include "json/scan.h"

/* The longest growth by canonical form: "1e20" to 21 digits. */
enum { CANONICAL_GROWTH = 6 };

static void keep_first(void *arg, size_t index, const struct scan_span *element)
{
    if (index == 0)
        ((struct signature_subject *)arg)->value = element->text;
}

static bool find_subject(struct bytes body, struct signature_subject *ret_subject)
{
    struct signature_subject subject = {0};
    struct scan_visitor visitor = {.element = keep_first, .arg = &subject};
    struct scan_span root;
    struct scan_fault fault;

    if (!scan_json(body, &visitor, &root, &fault))
        return false;
    subject.raw = subject.value;
    if (root.kind != SCAN_ARRAY)
        subject = (struct signature_subject){.raw = body, .value = root.text};
    *ret_subject = subject;
    return subject.value.len > 0;
}

static bool matches(const uint8_t claimed[HMAC_SHA1_LEN], struct bytes message,
                    const struct hmac_sha1 *secret)
{
    uint8_t expected[HMAC_SHA1_LEN];

    hmac_sha1_sum(secret, message, expected);
    return secret_eq(claimed, expected, sizeof(expected));
}

enum signature_verdict signature_verify_subject(struct bytes header,
                                                const struct signature_subject *subject,
                                                const struct hmac_sha1 *secret)
{
    uint8_t claimed[HMAC_SHA1_LEN];
    struct buf canonical;
    bool match;

    if (!hex_decode(bytes_trim(header), claimed, sizeof(claimed)))
        return SIGNATURE_MALFORMED;
    if (subject->value.len == 0)
        return SIGNATURE_UNSIGNABLE;
    buf_init(&canonical, subject->value.len * CANONICAL_GROWTH);
    match = matches(claimed, subject->raw, secret);
    /* No early exit: the time taken must not tell which candidate came close. Where both
     * are the same text it tells nothing that the sender does not know. */
    if (canonical_print(subject->value, &canonical) &&
        !bytes_eq(buf_bytes(&canonical), subject->raw))
        match |= matches(claimed, buf_bytes(&canonical), secret);
    buf_done(&canonical);
    return match ? SIGNATURE_GENUINE : SIGNATURE_MISMATCH;
}

enum signature_verdict signature_verify(struct bytes header, struct bytes body,
                                        const struct hmac_sha1 *secret)
{
    struct signature_subject subject = {0};

    (void)find_subject(body, &subject);
    return signature_verify_subject(header, &subject, secret);
}

bool signature_sign(struct bytes body, const struct hmac_sha1 *secret, char ret_hex[41])
{
    struct signature_subject subject;
    uint8_t sum[HMAC_SHA1_LEN];

    if (!find_subject(body, &subject))
        return false;
    hmac_sha1_sum(secret, subject.raw, sum);
    hex_encode(sum, sizeof(sum), ret_hex);
    return true;
}
