/* SPDX-License-Identifier: MIT */

#include "segment/sigv4.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/hex.h"
#include "base/time_text.h"

enum { DAY_LEN = 8, HEX_SHA256 = 2 * SHA256_LEN, CANONICAL_BYTES = 1 << 20 };

#define ALGORITHM "AWS4-HMAC-SHA256"

void sigv4_date(int64_t time_ms, char ret_date[SIGV4_DATE_LEN + 1])
{
    char text[TIME_TEXT_LEN + 1];
    size_t len = 0;

    time_text_format(time_ms, text);
    for (size_t i = 0; text[i] != '.' && len < SIGV4_DATE_LEN - 1; i++) {
        if (text[i] != '-' && text[i] != ':')
            ret_date[len++] = text[i];
    }
    ret_date[len++] = 'Z';
    ret_date[len] = '\0';
}

static void hex_sha256(struct bytes bytes, char ret_hex[HEX_SHA256 + 1])
{
    uint8_t sum[SHA256_LEN];

    sha256_sum(&bytes, 1, sum);
    hex_encode(sum, sizeof(sum), ret_hex);
}

static void add_encoded(struct buf *text, struct bytes path)
{
    for (size_t i = 0; i < path.len; i++) {
        const char c = path.ptr[i];
        const char lower = (char)(c | 0x20);

        if ((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c == '-' ||
            c == '.' || c == '_' || c == '~' || c == '/')
            buf_add_char(text, c);
        else
            buf_addf(text, "%%%02X", (unsigned)(unsigned char)c);
    }
}

/* The headers' indexes by name; there are few. */
static void sort(const struct sigv4_request *request, size_t ret_order[SIGV4_HEADERS])
{
    for (size_t i = 0; i < request->n_headers; i++) {
        size_t at = i;

        for (; at > 0 && bytes_cmp(request->headers[ret_order[at - 1]].name,
                                   request->headers[i].name) > 0;
             at--)
            ret_order[at] = ret_order[at - 1];
        ret_order[at] = i;
    }
}

static void add_names(const struct sigv4_request *request, const size_t *order,
                      struct buf *text)
{
    for (size_t i = 0; i < request->n_headers; i++)
        buf_addf(text, "%s%.*s", i > 0 ? ";" : "",
                 BYTES_FMT(request->headers[order[i]].name));
}

static void add_canonical(const struct sigv4_request *request, const size_t *order,
                          struct buf *text)
{
    char hash[HEX_SHA256 + 1];

    buf_addf(text, "%.*s\n", BYTES_FMT(request->method));
    add_encoded(text, request->path);
    buf_addf(text, "\n%.*s\n", BYTES_FMT(request->query));
    for (size_t i = 0; i < request->n_headers; i++) {
        const struct sigv4_header *header = &request->headers[order[i]];

        buf_addf(text, "%.*s:%.*s\n", BYTES_FMT(header->name),
                 BYTES_FMT(bytes_trim(header->value)));
    }
    buf_add_char(text, '\n');
    add_names(request, order, text);
    hex_sha256(request->body, hash);
    buf_addf(text, "\n%s", hash);
}

/* The key of one day, region and service. */
static void derive(const struct sigv4_request *request, struct buf *scratch,
                   uint8_t ret_key[SHA256_LEN])
{
    const struct bytes steps[] = {bytes_of(request->date, DAY_LEN), request->region,
                                  request->service, BYTES("aws4_request")};

    buf_clear(scratch);
    buf_addf(scratch, "AWS4%.*s", BYTES_FMT(request->secret));
    hmac_sha256_sum(buf_bytes(scratch), steps[0], ret_key);
    for (size_t i = 1; i < COUNT(steps); i++) {
        uint8_t next[SHA256_LEN];

        hmac_sha256_sum(bytes_of(ret_key, SHA256_LEN), steps[i], next);
        memcpy(ret_key, next, sizeof(next));
    }
}

static void add_scope(const struct sigv4_request *request, struct buf *text)
{
    buf_addf(text, "%.*s/%.*s/%.*s/aws4_request", (int)DAY_LEN, request->date,
             BYTES_FMT(request->region), BYTES_FMT(request->service));
}

static void sign(const struct sigv4_request *request, const size_t *order,
                 char ret_hex[HEX_SHA256 + 1])
{
    cleanup(buf_done) struct buf canonical = {0};
    cleanup(buf_done) struct buf text = {0};
    uint8_t key[SHA256_LEN], sum[SHA256_LEN];
    char hash[HEX_SHA256 + 1];

    buf_init(&canonical, CANONICAL_BYTES);
    buf_init(&text, CANONICAL_BYTES);
    add_canonical(request, order, &canonical);
    hex_sha256(buf_bytes(&canonical), hash);
    derive(request, &text, key);
    buf_clear(&text);
    buf_addf(&text, ALGORITHM "\n%s\n", request->date);
    add_scope(request, &text);
    buf_addf(&text, "\n%s", hash);
    hmac_sha256_sum(bytes_of(key, sizeof(key)), buf_bytes(&text), sum);
    hex_encode(sum, sizeof(sum), ret_hex);
}

int sigv4_authorization(const struct sigv4_request *request, struct buf *ret_value)
{
    size_t order[SIGV4_HEADERS] = {0};
    char signature[HEX_SHA256 + 1];

    sort(request, order);
    sign(request, order, signature);
    buf_addf(ret_value, ALGORITHM " Credential=%.*s/", BYTES_FMT(request->key_id));
    add_scope(request, ret_value);
    buf_add_text(ret_value, ", SignedHeaders=");
    add_names(request, order, ret_value);
    return buf_addf(ret_value, ", Signature=%s", signature);
}

/* --- the other side ----------------------------------------------------------------- */

/* The value of "Name=…" in a list that commas part; empty when it is not there. */
static struct bytes member(struct bytes list, struct bytes name)
{
    while (list.len > 0) {
        struct bytes item = bytes_trim(bytes_take_until(&list, ','));

        if (bytes_starts(item, name))
            return bytes_slice(item, name.len, item.len);
    }
    return bytes_of(NULL, 0);
}

/* key/20260903/region/service/aws4_request */
static bool is_credential(struct bytes text)
{
    size_t n_parts = 0;
    struct bytes part = {0};

    while (text.len > 0) {
        part = bytes_take_until(&text, '/');
        if (part.len == 0)
            return false;
        n_parts++;
    }
    return n_parts == 5 && bytes_eq(part, BYTES("aws4_request"));
}

bool sigv4_is_well_formed(struct bytes authorization)
{
    const struct bytes scheme = BYTES(ALGORITHM " ");
    const struct bytes list = bytes_slice(authorization, scheme.len, authorization.len);
    uint8_t sum[SHA256_LEN];

    return bytes_starts(authorization, scheme) &&
           is_credential(member(list, BYTES("Credential="))) &&
           member(list, BYTES("SignedHeaders=")).len > 0 &&
           hex_decode(member(list, BYTES("Signature=")), sum, sizeof(sum));
}
