/* SPDX-License-Identifier: MIT */

#include "store/vault.h"

#include <assert.h>
#include <sodium.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/master_key.h"

enum {
    PRINT_LEN = 32,
    UNNAMED = 1,    /* sealed before values named their keys */
    FIRST_NAME = 2, /* of a key */
    NONCE_LEN = 24,
    TAG_LEN = 16,
    CONTEXT_MAX = 64,
    SECRET_BITS_LEN = 20
};

#define HASHING "hash"

static_assert(VAULT_OVERHEAD == 1 + NONCE_LEN + TAG_LEN,
              "the header counts what is added");
static_assert(NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                  TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES &&
                  VAULT_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
                  VAULT_KEY_LEN == crypto_kdf_KEYBYTES &&
                  (int)VAULT_KEY_LEN == (int)MASTER_KEY_LEN,
              "libsodium agrees");

/* Immutable; in guarded memory: no swap, no core dump. */
struct ring {
    uint8_t seal_keys[MASTER_KEYS_MAX][VAULT_KEY_LEN]; /* the first seals */
    uint8_t names[MASTER_KEYS_MAX];
    uint8_t prints[MASTER_KEYS_MAX][PRINT_LEN];
    size_t n;
    size_t n_given; /* of them by the source; the rest were dropped from it since */
    uint8_t hash_key[VAULT_KEY_LEN];
    struct ring *before; /* somebody may still be reading it */
};

struct vault {
    struct ring *ring; /* the newest; atomic */
    char *key_file;    /* NULL: the keys come from elsewhere */
};

static const struct ring *ring_of(const struct vault *vault)
{
    return __atomic_load_n(&vault->ring, __ATOMIC_ACQUIRE);
}

/* Tells master keys apart, and says nothing about them. */
static void print_of(const uint8_t master[VAULT_KEY_LEN], uint8_t ret_print[PRINT_LEN])
{
    crypto_kdf_derive_from_key(ret_print, PRINT_LEN, 3, "pa-vault", master);
}

static uint8_t name_of(const uint8_t master[VAULT_KEY_LEN])
{
    uint8_t print[PRINT_LEN];

    print_of(master, print);
    return (uint8_t)(FIRST_NAME + (print[0] | print[1] << 8) % (256 - FIRST_NAME));
}

/* The master keys only beget keys, each for one purpose. */
static struct ring *ring_new(const struct master_keys *masters)
{
    struct ring *ring = sodium_malloc(sizeof(*ring));

    if (ring == NULL)
        abort();
    memset(ring, 0, sizeof(*ring));
    ring->n = masters->n;
    ring->n_given = masters->n;
    for (size_t i = 0; i < masters->n; i++) {
        crypto_kdf_derive_from_key(ring->seal_keys[i], VAULT_KEY_LEN, 1, "pa-vault",
                                   masters->keys[i]);
        ring->names[i] = name_of(masters->keys[i]);
        print_of(masters->keys[i], ring->prints[i]);
    }
    crypto_kdf_derive_from_key(ring->hash_key, VAULT_KEY_LEN, 2, "pa-vault",
                               masters->keys[masters->n - 1]);
    return ring;
}

static void publish(struct vault *vault, struct ring *ring)
{
    ring->before = vault->ring;
    sodium_mprotect_readonly(ring);
    __atomic_store_n(&vault->ring, ring, __ATOMIC_RELEASE);
}

static struct ring *ring_copy(const struct vault *vault)
{
    struct ring *ring = sodium_malloc(sizeof(*ring));

    if (ring == NULL)
        abort();
    *ring = *vault->ring;
    return ring;
}

static bool has_name(const struct master_keys *masters, size_t n, uint8_t name)
{
    for (size_t i = 0; i < n; i++) {
        if (name_of(masters->keys[i]) == name)
            return true;
    }
    return false;
}

static int check_names(const struct master_keys *masters, struct err *err)
{
    for (size_t i = 1; i < masters->n; i++) {
        if (has_name(masters, i, name_of(masters->keys[i]))) {
            err_code(err, "PA1031", ERR_CONFIG,
                     "two of the master keys cannot be told apart");
            return err_help(err, "make another new one: they must differ in a byte that "
                                 "is made from each");
        }
    }
    return 0;
}

int vault_open(const char *key_file, bool may_create, struct vault **ret_vault,
               struct err *err)
{
    struct master_keys masters = {0};
    struct vault *vault;
    int result;

    if (sodium_init() < 0)
        return err_set(err, "libsodium does not start");
    result = master_key_read(key_file, may_create, &masters, err);
    if (result == 0)
        result = check_names(&masters, err);
    if (result == 0) {
        vault = mem_new(struct vault);
        vault->key_file = masters.is_file ? mem_text(key_file) : NULL;
        publish(vault, ring_new(&masters));
        *ret_vault = vault;
    }
    sodium_memzero(&masters, sizeof(masters));
    return result;
}

bool vault_has_old_keys(const struct vault *vault)
{
    return ring_of(vault)->n_given > 1;
}

bool vault_is_file(const struct vault *vault)
{
    return vault->key_file != NULL;
}

/* The file is somebody's to edit: it must still be what we work with. */
static int read_again(const struct vault *vault, struct master_keys *masters,
                      struct err *err)
{
    const struct ring *ring = ring_of(vault);
    bool is_same;

    if (!vault_is_file(vault))
        return err_set(err, "the master key does not come from a file");
    if (master_key_read(vault->key_file, /* may_create= */ false, masters, err) < 0)
        return -1;
    is_same = masters->is_file && masters->n == ring->n_given;
    for (size_t i = 0; is_same && i < ring->n_given; i++) {
        uint8_t print[PRINT_LEN];

        print_of(masters->keys[i], print);
        is_same = memcmp(print, ring->prints[i], PRINT_LEN) == 0;
    }
    if (is_same)
        return 0;
    err_code(err, "PA1031", ERR_CONFIG, "%s is not what was read at the start",
             vault->key_file);
    return err_help(err, "restart, so that its keys are used");
}

static bool is_name_taken(const struct ring *ring, uint8_t name)
{
    return memchr(ring->names, name, ring->n) != NULL;
}

static int put_new_first(struct master_keys *masters, const struct ring *ring,
                         struct err *err)
{
    if (masters->n == MASTER_KEYS_MAX)
        return err_set(err, "there are %d master keys already", MASTER_KEYS_MAX);
    memmove(masters->keys[1], masters->keys[0], masters->n * VAULT_KEY_LEN);
    masters->n++;
    do
        randombytes_buf(masters->keys[0], VAULT_KEY_LEN);
    while (is_name_taken(ring, name_of(masters->keys[0])));
    return 0;
}

static void seal_with_new(struct vault *vault, const struct master_keys *masters)
{
    struct ring *ring = ring_copy(vault);

    if (ring->n == MASTER_KEYS_MAX)
        ring->n--;
    memmove(ring->seal_keys[1], ring->seal_keys[0], ring->n * VAULT_KEY_LEN);
    memmove(ring->names + 1, ring->names, ring->n);
    memmove(ring->prints[1], ring->prints[0], ring->n * PRINT_LEN);
    crypto_kdf_derive_from_key(ring->seal_keys[0], VAULT_KEY_LEN, 1, "pa-vault",
                               masters->keys[0]);
    ring->names[0] = name_of(masters->keys[0]);
    print_of(masters->keys[0], ring->prints[0]);
    ring->n++;
    ring->n_given = masters->n;
    publish(vault, ring);
}

int vault_add_key(struct vault *vault, struct err *err)
{
    struct master_keys masters = {0};
    int result = read_again(vault, &masters, err);

    if (result == 0)
        result = put_new_first(&masters, vault->ring, err);
    /* In the file first: nothing may be sealed with a key that a kill would lose. */
    if (result == 0)
        result = master_key_replace(vault->key_file, &masters, err);
    if (result == 0)
        seal_with_new(vault, &masters);
    sodium_memzero(&masters, sizeof(masters));
    return result;
}

int vault_drop_old_keys(struct vault *vault, struct err *err)
{
    struct master_keys masters = {0};
    int result = read_again(vault, &masters, err);

    if (result == 0) {
        masters.n = 1;
        result = master_key_replace(vault->key_file, &masters, err);
    }
    if (result == 0) {
        struct ring *ring = ring_copy(vault);

        ring->n_given = 1;
        publish(vault, ring);
    }
    sodium_memzero(&masters, sizeof(masters));
    return result;
}

void vault_free(struct vault *vault)
{
    if (vault == NULL)
        return;
    while (vault->ring != NULL) {
        struct ring *ring = vault->ring;

        vault->ring = ring->before;
        sodium_free(ring);
    }
    free(vault->key_file);
    free(vault);
}

void vault_freep(struct vault **vault)
{
    vault_free(*vault);
}

enum { PLACE_MAX = CONTEXT_MAX + 8 + 1 };

/* Where the value belongs, and the name of its key. The context's length is not needed:
 * what follows has a fixed one, which the name's absence cannot imitate. */
static size_t place_of(const char *context, int64_t row, uint8_t name,
                       uint8_t ret_place[PLACE_MAX])
{
    struct bytes text = bytes_str(context);
    size_t len = text.len;

    assert(context != NULL && len <= CONTEXT_MAX);
    memcpy(ret_place, text.ptr, len);
    for (int i = 0; i < 8; i++)
        ret_place[len++] = (uint8_t)((uint64_t)row >> (56 - 8 * i));
    if (name != UNNAMED)
        ret_place[len++] = name;
    return len;
}

int vault_seal(const struct vault *vault, const char *context, int64_t row,
               struct bytes plain, struct buf *ret_sealed)
{
    const struct ring *ring = ring_of(vault);
    uint8_t place[PLACE_MAX];
    size_t place_len = place_of(context, row, ring->names[0], place);
    uint8_t *out = (uint8_t *)buf_room(ret_sealed, VAULT_OVERHEAD + plain.len);

    if (out == NULL)
        return BUF_FULL;
    out[0] = ring->names[0];
    randombytes_buf(out + 1, NONCE_LEN);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + 1 + NONCE_LEN, NULL, (const uint8_t *)plain.ptr, plain.len, place,
        place_len, NULL, out + 1, ring->seal_keys[0]);
    buf_grew(ret_sealed, VAULT_OVERHEAD + plain.len);
    return 0;
}

bool vault_unseal(const struct vault *vault, const char *context, int64_t row,
                  struct bytes sealed, struct buf *ret_plain)
{
    const struct ring *ring = ring_of(vault);
    uint8_t place[PLACE_MAX];
    size_t place_len;
    const uint8_t *in = (const uint8_t *)sealed.ptr;
    uint8_t nothing;
    uint8_t *out = &nothing; /* an empty text needs no room */

    if (sealed.len < VAULT_OVERHEAD)
        return false;
    if (sealed.len > VAULT_OVERHEAD)
        out = (uint8_t *)buf_room(ret_plain, sealed.len - VAULT_OVERHEAD);
    if (out == NULL)
        return false;
    place_len = place_of(context, row, in[0], place);
    for (size_t i = 0; i < ring->n; i++) {
        if (in[0] != UNNAMED && in[0] != ring->names[i])
            continue;
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(
                out, NULL, NULL, in + 1 + NONCE_LEN, sealed.len - 1 - NONCE_LEN, place,
                place_len, in + 1, ring->seal_keys[i]) != 0)
            continue;
        if (sealed.len > VAULT_OVERHEAD)
            buf_grew(ret_plain, sealed.len - VAULT_OVERHEAD);
        return true;
    }
    return false;
}

bool vault_is_current(const struct vault *vault, struct bytes sealed)
{
    return sealed.len > 0 && (uint8_t)sealed.ptr[0] == ring_of(vault)->names[0];
}

void vault_seal_hashing(const struct vault *vault, struct buf *ret_sealed)
{
    vault_seal(vault, HASHING, 1, bytes_of(ring_of(vault)->hash_key, VAULT_KEY_LEN),
               ret_sealed);
}

bool vault_use_hashing(struct vault *vault, struct bytes sealed)
{
    cleanup(buf_done) struct buf plain = {0};
    struct ring *ring;

    buf_init(&plain, VAULT_KEY_LEN);
    if (!vault_unseal(vault, HASHING, 1, sealed, &plain) || plain.len != VAULT_KEY_LEN)
        return false;
    ring = ring_copy(vault);
    memcpy(ring->hash_key, plain.ptr, VAULT_KEY_LEN);
    sodium_memzero(plain.ptr, plain.len);
    publish(vault, ring);
    return true;
}

void vault_hash(const struct vault *vault, const char *context, struct bytes secret,
                uint8_t ret_hash[VAULT_HASH_LEN])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, ring_of(vault)->hash_key, VAULT_KEY_LEN,
                            VAULT_HASH_LEN);
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
