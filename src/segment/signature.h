/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * signature - was this body signed by someone who knows the shared secret?
 *
 * X-Signature is the hex HMAC-SHA1 of JSON.stringify(payload), of an array only of its
 * first element: the rest of a batch is not authenticated (dossier §3.5). Accepted, in
 * this order: the raw body; the raw bytes of an array's first element; the canonical
 * form of the object or first element. Never the whole array. All candidates are always
 * computed, so time does not tell which came close.
 */

#include "base/buf.h"

struct hmac_sha1;

enum signature_verdict {
    SIGNATURE_MALFORMED = 0, /* absent, not 40 hex digits; zero never lets anybody in */
    SIGNATURE_UNSIGNABLE,    /* the body is not JSON, or an empty array */
    SIGNATURE_MISMATCH,
    SIGNATURE_GENUINE,
};

/* What of a body is signed, if anything is: both empty when nothing can be. */
struct signature_subject {
    struct bytes raw;   /* the body, or the bytes of an array's first element */
    struct bytes value; /* the same without the white space around; scan_json's */
};

must_check
enum signature_verdict signature_verify(struct bytes header, struct bytes body,
                                        const struct hmac_sha1 *secret);
/* The same for who has scanned the body already. */
must_check
enum signature_verdict signature_verify_subject(struct bytes header,
                                                const struct signature_subject *subject,
                                                const struct hmac_sha1 *secret);
/* The header Segment would send for @body: 40 lower-case digits and a NUL. False when the
 * body cannot be signed (not JSON, empty array). Signs raw bytes of the first element. */
must_check
bool signature_sign(struct bytes body, const struct hmac_sha1 *secret, char ret_hex[41]);
