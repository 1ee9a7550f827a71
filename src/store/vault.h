/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * vault - secrets at rest; the only file with libsodium.
 *
 * One master key (32 bytes; store/master_key.h says from where). Values are sealed
 * with XChaCha20-Poly1305 under a key derived from it, bound to a context text and row
 * ("settings", event row), so a sealed value moved elsewhere does not open. Look-ups go
 * by keyed hash. Immutable after open: may be shared by threads.
 */

#include "base/buf.h"

struct err;
struct vault;

enum { VAULT_KEY_LEN = 32, VAULT_HASH_LEN = 16, VAULT_OVERHEAD = 1 + 24 + 16 };

/* With the master key of the first source that is there; @key_file is the last of them,
 * and made when absent and @may_create. -1: a source that is wrong, and its remedy. */
must_check
int vault_open(const char *key_file, bool may_create, struct vault **ret_vault,
               struct err *err);
void vault_free(struct vault *vault); /* wipes */
void vault_freep(struct vault **vault);

/* Adds version, nonce and sealed text: VAULT_OVERHEAD more than @plain. */
int vault_seal(const struct vault *vault, const char *context, int64_t row,
               struct bytes plain, struct buf *ret_sealed);
/* Adds the plain text. False when it was not sealed by this key for this place. */
must_check
bool vault_unseal(const struct vault *vault, const char *context, int64_t row,
                  struct bytes sealed, struct buf *ret_plain);
/* The look-up hash of a secret, keyed, per context. */
void vault_hash(const struct vault *vault, const char *context, struct bytes secret,
                uint8_t ret_hash[VAULT_HASH_LEN]);
/* A new random secret as text: @prefix and 32 characters of base32 (160 bits). */
void vault_new_secret(const char *prefix, struct buf *ret_text);
