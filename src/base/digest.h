/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * digest - SHA-256, HMAC-SHA1 and HMAC-SHA256; the only file that hashes with libcrypto.
 *
 * Thread-safe: a keyed hmac_sha1 may be shared by threads, each sum works on a copy.
 */

#include "base/bytes.h"

enum { SHA256_LEN = 32, HMAC_SHA1_LEN = 20 };

/* Of the concatenation of the parts. Cannot fail: a broken library aborts. */
void sha256_sum(const struct bytes *parts, size_t n_parts, uint8_t ret_sum[SHA256_LEN]);

/* For keys that are used once. */
void hmac_sha256_sum(struct bytes key, struct bytes message, uint8_t ret_sum[SHA256_LEN]);

struct hmac_sha1; /* a key, prepared once */

/* The key's bytes are copied. Never NULL. */
must_check
struct hmac_sha1 *hmac_sha1_new(struct bytes key);
void hmac_sha1_free(struct hmac_sha1 *hmac); /* NULL is fine */
void hmac_sha1_sum(const struct hmac_sha1 *hmac, struct bytes message,
                   uint8_t ret_sum[HMAC_SHA1_LEN]);
