/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * keyring - who may send, and who may look: customers' keys and admin tokens in memory.
 *
 * Look-up goes by the vault's keyed hash, never by comparing secrets. Keeper changes it
 * after its commits, front and courier read it: thread-safe behind one lock.
 */

#include "base/buf.h"
#include "base/secret.h"
#include "store/store.h"
#include "store/vault.h"

struct keyring;

enum keyring_verdict {
    KEYRING_UNKNOWN = 0,
    KEYRING_REVOKED,   /* 401, like unknown */
    KEYRING_FORBIDDEN, /* known, but not for this subscription: 403 */
    KEYRING_VALID,
};

enum keyring_role { KEYRING_NOBODY = 0, KEYRING_VIEWER, KEYRING_OPERATOR, KEYRING_ADMIN };
/* KEYRING_NOBODY when it is no role. */
enum keyring_role keyring_role_parse(struct bytes text);
const char *keyring_role_text(enum keyring_role role);

must_check
struct keyring *keyring_new(const struct vault *vault);
void keyring_free(struct keyring *keyring); /* wipes */

/* A key whose revoked_at_ms is yet to come is valid until then. */
/* Adds or replaces by row; @key's sealed value is opened here. -1 when it does not open:
 * the vault's key is not the one it was sealed with. */
must_check
int keyring_put_key(struct keyring *keyring, const struct store_key *key,
                    struct err *err);
void keyring_put_token(struct keyring *keyring, const struct store_token *token);

must_check
enum keyring_verdict keyring_find(struct keyring *keyring, struct bytes secret,
                                  struct bytes subscription, int64_t *ret_row);
must_check
enum keyring_role keyring_role(struct keyring *keyring, struct bytes token);
/* The same, and whose it is. */
enum { KEYRING_NAME_BYTES = 72 };
struct keyring_token {
    int64_t row;
    uint8_t hash[VAULT_HASH_LEN];
    char name[KEYRING_NAME_BYTES];
};
must_check
enum keyring_role keyring_token(struct keyring *keyring, struct bytes token,
                                struct keyring_token *ret_token);
/* What the token with this hash may do now. */
must_check
enum keyring_role keyring_role_now(struct keyring *keyring,
                                   const uint8_t hash[VAULT_HASH_LEN]);
/* The customer's key itself, for settings.apiKey; empty when unknown. */
void keyring_key_text(struct keyring *keyring, int64_t row, struct secret *ret_key);
/* Known, and neither revoked nor about to be. */
must_check
bool keyring_key_lasts(struct keyring *keyring, int64_t row);
