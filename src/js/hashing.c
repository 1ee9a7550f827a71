/* SPDX-License-Identifier: MIT */
#include "js/hashing.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { NAME_BYTES = 32 };

static void free_digest(EVP_MD **digest)
{
    EVP_MD_free(*digest);
}

static void free_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

/* NULL when there is none; free with EVP_MD_free. */
static EVP_MD *find_digest(struct bytes name)
{
    char text[NAME_BYTES];

    if (name.len >= sizeof(text))
        return NULL;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    return EVP_MD_fetch(NULL, text, NULL);
}

void hashing_warm_up(void)
{
    static const struct bytes names[] = {
        BYTES("md5"),    BYTES("sha1"),   BYTES("sha224"),
        BYTES("sha256"), BYTES("sha384"), BYTES("sha512"),
    };
    struct buf sum;
    bool works;

    /* openssl.cnf can name libraries to load; the sandbox has neither. */
    works = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1;
    buf_init(&sum, 2 * HASHING_MAX_BYTES);
    for (size_t i = 0; i < COUNT(names); i++) {
        buf_clear(&sum);
        works = works && hashing_digest(names[i], BYTES("warm"), 0, &sum) &&
                hashing_mac(names[i], BYTES("key"), BYTES("warm"), &sum);
    }
    buf_done(&sum);
    if (!works)
        abort();
}

static bool finish(EVP_MD_CTX *context, const EVP_MD *digest, size_t length,
                   struct buf *ret)
{
    bool is_flexible = (EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF) != 0;
    size_t size = length > 0 ? length : (size_t)EVP_MD_get_size(digest);
    unsigned char *room;
    bool ok;

    if (!is_flexible && size != (size_t)EVP_MD_get_size(digest))
        return false;
    room = (unsigned char *)buf_room(ret, size);
    if (room == NULL)
        return false;
    ok = is_flexible ? EVP_DigestFinalXOF(context, room, size) == 1
                     : EVP_DigestFinal_ex(context, room, NULL) == 1;
    if (ok)
        buf_grew(ret, size);
    return ok;
}

bool hashing_digest(struct bytes name, struct bytes data, size_t length, struct buf *ret)
{
    cleanup(free_digest) EVP_MD *digest = find_digest(name);
    cleanup(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();

    return digest != NULL && context != NULL &&
           EVP_DigestInit_ex2(context, digest, NULL) == 1 &&
           EVP_DigestUpdate(context, data.ptr, data.len) == 1 &&
           finish(context, digest, length, ret);
}

bool hashing_mac(struct bytes name, struct bytes key, struct bytes data, struct buf *ret)
{
    cleanup(free_digest) EVP_MD *digest = find_digest(name);
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (digest == NULL || key.len > INT32_MAX)
        return false;
    /* An empty key must not be a NULL one, which means "the key of before". */
    if (HMAC(digest, key.len > 0 ? key.ptr : "", (int)key.len,
             (const unsigned char *)data.ptr, data.len, sum, &len) == NULL)
        return false;
    return buf_add(ret, bytes_of(sum, len)) == 0;
}

/* Room for a derived key; NULL when the length is out of range. */
static unsigned char *derived_room(double length, struct buf *ret)
{
    if (!(length >= 0 && length <= HASHING_MAX_DERIVED_BYTES))
        return NULL;
    return (unsigned char *)buf_room(ret, (size_t)length + 1);
}

bool hashing_pbkdf2(const struct hashing_pbkdf2 *wish, struct buf *ret)
{
    cleanup(free_digest) EVP_MD *digest = find_digest(wish->digest);
    unsigned char *room = derived_room(wish->length, ret);

    if (digest == NULL || room == NULL || wish->password.len > INT32_MAX ||
        wish->salt.len > INT32_MAX ||
        !(wish->iterations >= 1 && wish->iterations <= INT32_MAX))
        return false;
    if (wish->length >= 1 &&
        PKCS5_PBKDF2_HMAC(wish->password.len > 0 ? wish->password.ptr : "",
                          (int)wish->password.len, (const unsigned char *)wish->salt.ptr,
                          (int)wish->salt.len, (int)wish->iterations, digest,
                          (int)wish->length, room) != 1)
        return false;
    buf_grew(ret, (size_t)wish->length);
    return true;
}

static bool is_count(double number)
{
    return number >= 1 && number <= (double)(1ull << 40);
}

bool hashing_scrypt(const struct hashing_scrypt *wish, struct buf *ret)
{
    unsigned char *room = derived_room(wish->length, ret);

    if (room == NULL || !is_count(wish->cost) || !is_count(wish->block_size) ||
        !is_count(wish->parallel) || !is_count(wish->max_bytes))
        return false;
    if (EVP_PBE_scrypt(wish->password.len > 0 ? wish->password.ptr : "",
                       wish->password.len, (const unsigned char *)wish->salt.ptr,
                       wish->salt.len, (uint64_t)wish->cost, (uint64_t)wish->block_size,
                       (uint64_t)wish->parallel, (uint64_t)wish->max_bytes, room,
                       (size_t)wish->length) != 1)
        return false;
    buf_grew(ret, (size_t)wish->length);
    return true;
}

bool hashing_same(struct bytes a, struct bytes b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}
