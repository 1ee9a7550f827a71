/* SPDX-License-Identifier: MIT */

#include "lambda/host/authorization.h"

#include <stdio.h>

#include "base/form.h"
#include "base/secret.h"
#include "segment/invoke.h"

enum { VALUE_BYTES = 4096, PATH_BYTES = 4096, SIGNATURE_HEX = 64 };

static const struct bytes scheme = {"AWS4-HMAC-SHA256 ", 17};

/* The parts of a header that sigv4_is_well_formed() likes. */
struct signature {
    struct bytes key_id, day, region, service;
    struct bytes names; /* of the signed headers, parted by ';' */
    struct bytes hex;
};

static struct bytes member(struct bytes list, struct bytes name)
{
    while (list.len > 0) {
        const struct bytes item = bytes_trim(bytes_take_until(&list, ','));

        if (bytes_starts(item, name))
            return bytes_slice(item, name.len, item.len);
    }
    return BYTES("");
}

static void read(struct bytes header, struct signature *ret)
{
    const struct bytes list = bytes_slice(header, scheme.len, header.len);
    struct bytes credential = member(list, BYTES("Credential="));

    ret->key_id = bytes_take_until(&credential, '/');
    ret->day = bytes_take_until(&credential, '/');
    ret->region = bytes_take_until(&credential, '/');
    ret->service = bytes_take_until(&credential, '/');
    ret->names = member(list, BYTES("SignedHeaders="));
    ret->hex = member(list, BYTES("Signature="));
}

/* The headers that were signed; false when one is absent, or there are too many. */
static bool add_headers(const struct post *post, struct bytes names,
                        struct sigv4_request *request)
{
    while (names.len > 0) {
        const struct bytes name = bytes_take_until(&names, ';');
        char text[128];

        snprintf(text, sizeof(text), "%.*s", BYTES_FMT(name));
        if (request->n_headers == SIGV4_HEADERS || post_field(post, text).ptr == NULL)
            return false;
        request->headers[request->n_headers++] =
            (struct sigv4_header){name, post_field(post, text)};
    }
    return request->n_headers > 0;
}

static bool is_same(const struct sigv4_request *request, struct bytes hex)
{
    cleanup(buf_done) struct buf value = {0};

    buf_init(&value, VALUE_BYTES);
    return sigv4_authorization(request, &value) == 0 && value.len > SIGNATURE_HEX &&
           hex.len == SIGNATURE_HEX &&
           secret_eq(value.ptr + value.len - SIGNATURE_HEX, hex.ptr, SIGNATURE_HEX);
}

/* A name in the path with its ':' encoded, as the SDKs send it. */
static void encode_path(struct bytes path, struct buf *ret_path)
{
    while (path.len > 0) {
        const size_t slash = bytes_index(path, '/');

        (void)form_encode(bytes_slice(path, 0, slash), FORM_SPACE_PERCENT, ret_path);
        if (slash < path.len)
            (void)buf_add_char(ret_path, '/');
        path = bytes_slice(path, slash + 1, path.len);
    }
}

/* Our server has decoded the path; clients sign it as they have sent it, and there are
 * two manners of sending a ':'. */
static bool is_signed(const struct post *post, const struct signature *signature,
                      const char *secret)
{
    cleanup(buf_done) struct buf path = {0};
    const struct bytes date = post_field(post, "x-amz-date");
    char date_text[SIGV4_DATE_LEN + 1];
    struct sigv4_request request = {
        .method = post->method,
        .query = post->query,
        .body = post->body,
        .region = signature->region,
        .service = signature->service,
        .key_id = signature->key_id,
        .secret = bytes_str(secret),
        .date = date_text,
    };

    if (date.len != SIGV4_DATE_LEN || !bytes_starts(date, signature->day) ||
        !add_headers(post, signature->names, &request))
        return false;
    snprintf(date_text, sizeof(date_text), "%.*s", BYTES_FMT(date));
    buf_init(&path, PATH_BYTES);
    encode_path(post->path, &path);
    request.path = buf_bytes(&path);
    if (is_same(&request, signature->hex))
        return true;
    request.path = post->path;
    return is_same(&request, signature->hex);
}

bool authorization_is_broken(struct bytes header)
{
    return bytes_starts(header, BYTES("AWS4")) && !sigv4_is_well_formed(header);
}

static void check_signed(const struct sts *sts, const struct post *post, int64_t now_ms,
                         struct invoke_refusal *refusal)
{
    const struct sts_credentials *credentials = NULL;
    struct signature signature;
    enum sts_verdict verdict;

    read(post_field(post, "authorization"), &signature);
    verdict = sts_find(sts, signature.key_id, post_field(post, "x-amz-security-token"),
                       now_ms, &credentials);
    if (verdict == STS_UNKNOWN)
        invoke_refuse(refusal, 403, "UnrecognizedClientException",
                      "The security token included in the request is invalid.");
    else if (verdict == STS_EXPIRED)
        invoke_refuse(refusal, 403, "ExpiredTokenException",
                      "The security token included in the request is expired");
    else if (!is_signed(post, &signature, credentials->secret))
        invoke_refuse(refusal, 403, "InvalidSignatureException",
                      "The request signature we calculated does not match the signature "
                      "you provided. Check your AWS Secret Access Key and signing "
                      "method. Consult the service documentation for details.");
}

bool authorization_check(const struct sts *sts, const struct post *post, int64_t now_ms,
                         struct invoke_refusal *ret_refusal)
{
    const struct bytes header = post_field(post, "authorization");
    const bool is_any_fine = sts->role == NULL && sts->external_id == NULL;

    *ret_refusal = (struct invoke_refusal){0};
    if (authorization_is_broken(header))
        invoke_refuse(ret_refusal, 403, "IncompleteSignatureException",
                      "Authorization header requires 'Credential', 'SignedHeaders' and "
                      "'Signature' parameters.");
    else if (!is_any_fine && !bytes_starts(header, scheme))
        invoke_refuse(ret_refusal, 403, "MissingAuthenticationTokenException",
                      "Missing Authentication Token");
    else if (!is_any_fine)
        check_signed(sts, post, now_ms, ret_refusal);
    return ret_refusal->status == 0;
}
