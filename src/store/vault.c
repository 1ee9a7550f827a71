/* SPDX-License-Identifier: MIT */

#include "store/vault.h"

#include <assert.h>
#include <sodium.h>

#include "base/err.h"
#include "store/master_key.h"

enum {
    VERSION = 1,
    NONCE_LEN = 24,
    TAG_LEN = 16,
    CONTEXT_MAX = 64,
    SECRET_BITS_LEN = 20
};

static_assert(VAULT_OVERHEAD == 1 + NONCE_LEN + TAG_LEN,
              "the header counts what is added");
static_assert(NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                  TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES &&
                  VAULT_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
                  VAULT_KEY_LEN == crypto_kdf_KEYBYTES &&
                  (int)VAULT_KEY_LEN == (int)MASTER_KEY_LEN,
              "libsodium agrees");

struct vault { /* in guarded memory: no swap, no core dump */
    uint8_t seal_key[VAULT_KEY_LEN];
    uint8_t hash_key[VAULT_KEY_LEN];
};

/* The master key only begets keys, each for one purpose. */
static struct vault *vault_new(const uint8_t master[VAULT_KEY_LEN])
{
    struct vault *vault = sodium_malloc(sizeof(*vault));

    if (vault == NULL)
        abort();
    crypto_kdf_derive_from_key(vault->seal_key, VAULT_KEY_LEN, 1, "pa-vault", master);
    crypto_kdf_derive_from_key(vault->hash_key, VAULT_KEY_LEN, 2, "pa-vault", master);
    sodium_mprotect_readonly(vault);
    return vault;
}

int vault_open(const char *key_file, bool may_create, struct vault **ret_vault,
               struct err *err)
{
    uint8_t master[VAULT_KEY_LEN];
    int result;

    if (sodium_init() < 0)
        return err_set(err, "libsodium does not start");
    result = master_key_read(key_file, may_create, master, err);
    if (result == 0)
        *ret_vault = vault_new(master);
    sodium_memzero(master, sizeof(master));
    return result;
}

void vault_free(struct vault *vault)
{
    sodium_free(vault);
}

void vault_freep(struct vault **vault)
{
    vault_free(*vault);
}

/* Where the value belongs. The context's length is not needed: the row has a fixed one.
 */
static size_t place_of(const char *context, int64_t row,
                       uint8_t ret_place[CONTEXT_MAX + 8])
{
    struct bytes text = bytes_str(context);
    size_t len = text.len;

    assert(context != NULL && len <= CONTEXT_MAX);
    memcpy(ret_place, text.ptr, len);
    for (int i = 0; i < 8; i++)
        ret_place[len++] = (uint8_t)((uint64_t)row >> (56 - 8 * i));
    return len;
}

int vault_seal(const struct vault *vault, const char *context, int64_t row,
               struct bytes plain, struct buf *ret_sealed)
{
    uint8_t place[CONTEXT_MAX + 8];
    size_t place_len = place_of(context, row, place);
    uint8_t *out = (uint8_t *)buf_room(ret_sealed, VAULT_OVERHEAD + plain.len);

    if (out == NULL)
        return BUF_FULL;
    out[0] = VERSION;
    randombytes_buf(out + 1, NONCE_LEN);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + 1 + NONCE_LEN, NULL, (const uint8_t *)plain.ptr, plain.len, place,
        place_len, NULL, out + 1, vault->seal_key);
    buf_grew(ret_sealed, VAULT_OVERHEAD + plain.len);
    return 0;
}

bool vault_unseal(const struct vault *vault, const char *context, int64_t row,
                  struct bytes sealed, struct buf *ret_plain)
{
    uint8_t place[CONTEXT_MAX + 8];
    size_t place_len = place_of(context, row, place);
    const uint8_t *in = (const uint8_t *)sealed.ptr;
    uint8_t nothing;
    uint8_t *out = &nothing; /* an empty text needs no room */

    if (sealed.len < VAULT_OVERHEAD || in[0] != VERSION)
        return false;
    if (sealed.len > VAULT_OVERHEAD)
        out = (uint8_t *)buf_room(ret_plain, sealed.len - VAULT_OVERHEAD);
    if (out == NULL ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(
            out, NULL, NULL, in + 1 + NONCE_LEN, sealed.len - 1 - NONCE_LEN, place,
            place_len, in + 1, vault->seal_key) != 0)
        return false;
    if (sealed.len > VAULT_OVERHEAD)
        buf_grew(ret_plain, sealed.len - VAULT_OVERHEAD);
    return true;
}

void vault_hash(const struct vault *vault, const char *context, struct bytes secret,
                uint8_t ret_hash[VAULT_HASH_LEN])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, vault->hash_key, VAULT_KEY_LEN, VAULT_HASH_LEN);
    /* With its NUL: the end of the context is not the start of a secret. */
    crypto_generichash_update(&state, (const uint8_t *)context, strlen(context) + 1);
    crypto_generichash_update(&state, (const uint8_t *)secret.ptr, secret.len);
    crypto_generichash_final(&state, ret_hash, VAULT_HASH_LEN);
    sodium_memzero(&state, sizeof(state));
}

void vault_new_secret(const char *prefix, struct buf *ret_text)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t bits[SECRET_BITS_LEN];

    assert(sodium_init() >= 0);
    randombytes_buf(bits, sizeof(bits));
    buf_add_text(ret_text, prefix);
    for (size_t i = 0; i < SECRET_BITS_LEN; i += 5) {
        uint64_t group = 0;

        for (size_t j = 0; j < 5; j++)
            group = group << 8 | bits[i + j];
        for (int shift = 35; shift >= 0; shift -= 5)
            buf_add_char(ret_text, digits[group >> shift & 31]);
    }
    sodium_memzero(bits, sizeof(bits));
}
