/* SPDX-License-Identifier: MIT */
#include "js/signing.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { NAME_BYTES = 64 };

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void free_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

/* Adds the first reason in OpenSSL's queue, and empties the queue. */
static bool fail(struct buf *ret_why)
{
    char text[256] = "error:00000000:lib(0)::reason(0)";
    unsigned long code = ERR_get_error();

    if (code != 0)
        ERR_error_string_n(code, text, sizeof(text));
    ERR_clear_error();
    (void)buf_add_text(ret_why, text);
    return false;
}

static EVP_PKEY *decode_key(const struct signing_key *wish, int selection)
{
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *decoder =
        OSSL_DECODER_CTX_new_for_pkey(&key, NULL, NULL, NULL, selection, NULL, NULL);
    const unsigned char *text = (const unsigned char *)wish->text.ptr;
    size_t left = wish->text.len;

    if (decoder == NULL)
        return NULL;
    /* Without a passphrase of its own OpenSSL asks the terminal; an empty one is one. */
    (void)OSSL_DECODER_CTX_set_passphrase(
        decoder,
        (const unsigned char *)(wish->passphrase.len > 0 ? wish->passphrase.ptr : ""),
        wish->passphrase.len);
    if (OSSL_DECODER_from_data(decoder, &text, &left) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    OSSL_DECODER_CTX_free(decoder);
    return key;
}

static EVP_PKEY *key_of_certificate(struct bytes text)
{
    BIO *memory = BIO_new_mem_buf(text.ptr, (int)text.len);
    X509 *certificate =
        memory != NULL ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = certificate != NULL ? X509_get_pubkey(certificate) : NULL;

    X509_free(certificate);
    BIO_free(memory);
    return key;
}

static EVP_PKEY *read_key(const struct signing_key *wish)
{
    EVP_PKEY *key;

    ERR_clear_error();
    if (wish->text.len > INT32_MAX)
        return NULL;
    if (wish->is_private)
        return decode_key(wish, EVP_PKEY_KEYPAIR);
    if (bytes_find(wish->text, BYTES("-----BEGIN CERTIFICATE-----")) < wish->text.len)
        return key_of_certificate(wish->text);
    key = decode_key(wish, EVP_PKEY_PUBLIC_KEY);
    return key != NULL ? key : decode_key(wish, EVP_PKEY_KEYPAIR);
}

static int describe_key(EVP_PKEY *key, struct buf *ret_facts)
{
    char curve[NAME_BYTES];

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return buf_addf(ret_facts, "rsa %d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_RSA_PSS:
        return buf_addf(ret_facts, "rsa-pss %d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC:
        if (EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) != 1)
            return buf_add_text(ret_facts, "ec");
        return buf_addf(ret_facts, "ec %s", curve);
    case EVP_PKEY_ED25519:
        return buf_add_text(ret_facts, "ed25519");
    case EVP_PKEY_ED448:
        return buf_add_text(ret_facts, "ed448");
    default:
        return buf_add_text(ret_facts, "other");
    }
}

bool signing_describe(const struct signing_key *wish, struct buf *ret_facts,
                      struct buf *ret_why)
{
    cleanup(free_key) EVP_PKEY *key = read_key(wish);

    return key != NULL ? describe_key(key, ret_facts) == 0 : fail(ret_why);
}

static bool set_padding(const struct signing *wish, EVP_PKEY *key, EVP_PKEY_CTX *context)
{
    if (wish->padding == SIGNING_AS_KEY || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        return true;
    if (EVP_PKEY_CTX_set_rsa_padding(context, (int)wish->padding) != 1)
        return false;
    return wish->padding != SIGNING_PSS ||
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, wish->salt_length) == 1;
}

typedef int begin_fn(EVP_MD_CTX *context, EVP_PKEY_CTX **ret_key_context,
                     const char *digest, OSSL_LIB_CTX *library, const char *properties,
                     EVP_PKEY *key, const OSSL_PARAM params[]);

static bool begin(const struct signing *wish, begin_fn *fn, EVP_MD_CTX *context,
                  EVP_PKEY *key)
{
    EVP_PKEY_CTX *key_context = NULL;
    char name[NAME_BYTES];

    if (wish->digest.len >= sizeof(name))
        return false;
    memcpy(name, wish->digest.ptr != NULL ? wish->digest.ptr : "", wish->digest.len);
    name[wish->digest.len] = '\0';
    return context != NULL && key != NULL &&
           fn(context, &key_context, name[0] != '\0' ? name : NULL, NULL, NULL, key,
              NULL) == 1 &&
           set_padding(wish, key, key_context);
}

bool signing_sign(const struct signing *wish, struct bytes data,
                  struct buf *ret_signature, struct buf *ret_why)
{
    cleanup(free_key) EVP_PKEY *key = read_key(&wish->key);
    cleanup(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *room = (unsigned char *)buf_room(ret_signature, SIGNING_MAX_BYTES);
    size_t len = SIGNING_MAX_BYTES;

    if (room == NULL || !begin(wish, EVP_DigestSignInit_ex, context, key) ||
        EVP_DigestSign(context, room, &len, (const unsigned char *)data.ptr, data.len) !=
            1)
        return fail(ret_why);
    buf_grew(ret_signature, len);
    return true;
}

bool signing_verify(const struct signing *wish, struct bytes data, struct bytes signature,
                    bool *ret_genuine, struct buf *ret_why)
{
    cleanup(free_key) EVP_PKEY *key = read_key(&wish->key);
    cleanup(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!begin(wish, EVP_DigestVerifyInit_ex, context, key))
        return fail(ret_why);
    *ret_genuine =
        EVP_DigestVerify(context, (const unsigned char *)signature.ptr, signature.len,
                         (const unsigned char *)data.ptr, data.len) == 1;
    ERR_clear_error(); /* why it is not genuine */
    return true;
}
