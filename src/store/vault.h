/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * vault - secrets at rest; the only file with libsodium.
 *
 * One master key (32 bytes; store/master_key.h says from where). Values are sealed
 * with XChaCha20-Poly1305 under a key derived from it, bound to a context text and row
 * ("settings", event row), so a sealed value moved elsewhere does not open. Look-ups go
 * by keyed hash. May be shared by threads.
 *
 * A sealed value begins with a byte that names its key (2 to 255, made from the key and
 * bound into the value), so a vault can have several: the first seals, all open. 1 is
 * what older programs wrote: of whichever key opens it. The hashing key does not follow
 * the master key, since tokens are known by their hashes alone: it is the one that the
 * store's first master key gave, kept in the store, sealed (store/reseal.h).
 *
 * Who stores a value seals it in the transaction that stores it, in keeper's thread; so
 * there is no value on its way that a rotation overlooks.
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
/* Two keys, or more; a rotation is under way, or was. */
bool vault_has_old_keys(const struct vault *vault);
/* The keys are the key file's: add and drop can change them. */
bool vault_is_file(const struct vault *vault);
/* Makes a new key, first in the key file and then the one that seals. One thread at a
 * time, for this and the next two. */
must_check
int vault_add_key(struct vault *vault, struct err *err);
/* Takes all keys but the one that seals out of the key file. This vault still opens with
 * them: somebody in this process may hold a value that was sealed before. */
must_check
int vault_drop_old_keys(struct vault *vault, struct err *err);
/* The hashing key, as a sealed value (context "hash", row 1). */
void vault_seal_hashing(const struct vault *vault, struct buf *ret_sealed);
/* False when it does not open; else it is the hashing key from now on. */
must_check
bool vault_use_hashing(struct vault *vault, struct bytes sealed);
/* Sealed by the key that seals now? */
bool vault_is_current(const struct vault *vault, struct bytes sealed);
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
