/* SPDX-License-Identifier: MIT */

#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "base/mem.h"

struct hmac_sha1 {
    EVP_MAC_CTX *keyed;
};

static EVP_MD *sha256;
static pthread_key_t contexts; /* each thread's own, which goes with it */
static EVP_MAC *hmac_mac;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

/* A fetch by name costs more than the hash itself, so it happens once. */
static void fetch_algorithms(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac_mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (pthread_key_create(&contexts, free_context) != 0)
        abort();
}

static void require(int ok)
{
    if (ok != 1) {
        fputs("partnerapp: libcrypto failed at a hash\n", stderr);
        abort();
    }
}

static void algorithms_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fetch_algorithms);
    require(sha256 != NULL && hmac_mac != NULL);
}

/* Making one costs half of what hashing a small text does. */
static EVP_MD_CTX *own_context(void)
{
    EVP_MD_CTX *context;

    algorithms_ready();
    context = pthread_getspecific(contexts);
    if (context != NULL)
        return context;
    context = EVP_MD_CTX_new();
    require(context != NULL && pthread_setspecific(contexts, context) == 0);
    return context;
}

void sha256_sum(const struct bytes *parts, size_t n_parts, uint8_t ret_sum[SHA256_LEN])
{
    EVP_MD_CTX *context = own_context();

    require(EVP_DigestInit_ex2(context, sha256, NULL));
    for (size_t i = 0; i < n_parts; i++)
        require(EVP_DigestUpdate(context, parts[i].ptr, parts[i].len));
    require(EVP_DigestFinal_ex(context, ret_sum, NULL));
}

static EVP_MAC_CTX *keyed_context(const char *algorithm, struct bytes key)
{
    char *name = mem_text(algorithm); /* libcrypto's parameters are not const */
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context;

    algorithms_ready();
    context = EVP_MAC_CTX_new(hmac_mac);
    require(context != NULL);
    /* libcrypto takes a NULL key as "keep the old one", so an empty key needs a pointer.
     */
    require(EVP_MAC_init(context, (const unsigned char *)(key.ptr != NULL ? key.ptr : ""),
                         key.len, params));
    free(name);
    return context;
}

static void finish(EVP_MAC_CTX *context, struct bytes message, uint8_t *ret_sum,
                   size_t sum_len)
{
    size_t len = 0;

    require(context != NULL);
    if (message.len > 0)
        require(EVP_MAC_update(context, (const unsigned char *)message.ptr, message.len));
    require(EVP_MAC_final(context, ret_sum, &len, sum_len));
    EVP_MAC_CTX_free(context);
}

void hmac_sha256_sum(struct bytes key, struct bytes message, uint8_t ret_sum[SHA256_LEN])
{
    finish(keyed_context("SHA256", key), message, ret_sum, SHA256_LEN);
}

struct hmac_sha1 *hmac_sha1_new(struct bytes key)
{
    struct hmac_sha1 *hmac = mem_new(struct hmac_sha1);

    hmac->keyed = keyed_context("SHA1", key);
    return hmac;
}

void hmac_sha1_free(struct hmac_sha1 *hmac)
{
    if (hmac == NULL)
        return;
    EVP_MAC_CTX_free(hmac->keyed);
    free(hmac);
}

void hmac_sha1_sum(const struct hmac_sha1 *hmac, struct bytes message,
                   uint8_t ret_sum[HMAC_SHA1_LEN])
{
    finish(EVP_MAC_CTX_dup(hmac->keyed), message, ret_sum, HMAC_SHA1_LEN);
}
