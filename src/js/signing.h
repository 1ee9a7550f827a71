/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * signing - signatures with RSA, elliptic curve and Ed25519 keys, for functions' crypto.
 *
 * Keys are PEM or DER: PKCS#8 (encrypted too), PKCS#1, SEC1, SubjectPublicKeyInfo, and
 * certificates, whose public key is taken. A private key serves as a public one.
 */

#include "base/buf.h"

enum { SIGNING_MAX_BYTES = 4096 }; /* of a signature */

/* Numbers of Node's crypto.constants, which are OpenSSL's. */
enum signing_padding { SIGNING_AS_KEY = 0, SIGNING_PKCS1 = 1, SIGNING_PSS = 6 };
enum signing_salt { SIGNING_SALT_DIGEST = -1, SIGNING_SALT_AUTO = -2 };

struct signing_key {
    struct bytes text;
    struct bytes passphrase; /* of an encrypted private key */
    bool is_private;         /* what is asked for; a certificate never is */
};

/* Adds "rsa 2048", "rsa-pss 2048", "ec prime256v1", "ed25519" … False and OpenSSL's
 * reason in @ret_why when it is no such key. */
must_check
bool signing_describe(const struct signing_key *key, struct buf *ret_facts,
                      struct buf *ret_why);

struct signing {
    struct signing_key key;
    struct bytes digest; /* empty: the key's own (Ed25519) */
    enum signing_padding padding;
    int salt_length; /* of PSS: bytes, or an enum signing_salt */
};
/* Adds the signature of @data: DER for elliptic curves. */
must_check
bool signing_sign(const struct signing *wish, struct bytes data,
                  struct buf *ret_signature, struct buf *ret_why);
/* False and a reason when the key cannot be used; a signature that is not genuine is no
 * failure. */
must_check
bool signing_verify(const struct signing *wish, struct bytes data, struct bytes signature,
                    bool *ret_genuine, struct buf *ret_why);
