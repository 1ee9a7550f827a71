/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * hashing - digests, message authentication codes and derived keys for functions' crypto.
 *
 * Names of digests are OpenSSL's ("sha256", "SHA512-256", "md5"), in any case. Nothing of
 * OpenSSL's is read from a file: it works inside the sandbox once it has been warmed up.
 */

#include "base/buf.h"

enum { HASHING_MAX_BYTES = 64, HASHING_MAX_DERIVED_BYTES = 1 << 20 };

/* Once, before the system calls are locked. Aborts when the library is broken. */
void hashing_warm_up(void);

/* The digest of @data, of @length bytes where the algorithm lets one choose (shake128,
 * shake256), otherwise 0. False: no such digest, or not of that length. */
must_check
bool hashing_digest(struct bytes name, struct bytes data, size_t length, struct buf *ret);
/* HMAC (RFC 2104). False: no such digest, or one that is not for HMAC. */
must_check
bool hashing_mac(struct bytes name, struct bytes key, struct bytes data, struct buf *ret);

/* PBKDF2 (RFC 8018) with HMAC. @length up to HASHING_MAX_DERIVED_BYTES. False: no such
 * digest, or a number out of range. */
struct hashing_pbkdf2 {
    struct bytes digest, password, salt;
    double iterations, length;
};
must_check
bool hashing_pbkdf2(const struct hashing_pbkdf2 *wish, struct buf *ret);

/* scrypt (RFC 7914). False: parameters that the RFC forbids, or that need more than
 * max_bytes of memory. */
struct hashing_scrypt {
    struct bytes password, salt;
    double cost, block_size, parallel, length, max_bytes;
};
must_check
bool hashing_scrypt(const struct hashing_scrypt *wish, struct buf *ret);

/* Takes as long for every content; false at once when the lengths differ. */
must_check
bool hashing_same(struct bytes a, struct bytes b);
