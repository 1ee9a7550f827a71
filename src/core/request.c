/* SPDX-License-Identifier: MIT */

#include "core/request.h"

#include "base/base64.h"
#include "core/redact.h"
#include "json/json.h"
#include "json/text.h"
#include "json/write.h"

#define MASK BYTES("••••")
#define ENCODING BYTES("x-partnerapp-body-encoding")

enum { NAME_BYTES = 256, VALUE_BYTES = 64 << 10, URL_BYTES = 256 << 10 };

static bool is_utf8(struct bytes text)
{
    while (text.len > 0) {
        size_t len = text_plain_len(text.ptr, text.len);

        if (len == 0)
            len = (unsigned char)text.ptr[0] < 0x80
                      ? 1
                      : text_sequence_len(text.ptr, text.len);
        if (len == 0)
            return false;
        text = bytes_slice(text, len, text.len);
    }
    return true;
}

/* --- fields ------------------------------------------------------------------------- */

typedef bool is_same_fn(struct bytes a, struct bytes b);

static bool is_first(const struct request_field *fields, size_t at, is_same_fn *is_same)
{
    for (size_t i = 0; i < at; i++) {
        if (is_same(fields[i].name, fields[at].name))
            return false;
    }
    return true;
}

/* Fields of one name are one value, as RFC 9110 §5.3 joins them. */
static void join(const struct request_field *fields, size_t n_fields, size_t first,
                 struct buf *ret_value)
{
    for (size_t i = first; i < n_fields; i++) {
        if (!bytes_eq_nocase(fields[i].name, fields[first].name))
            continue;
        if (i > first)
            buf_add_text(ret_value, ", ");
        buf_add(ret_value, fields[i].value);
    }
}

static void lower(struct bytes name, struct buf *ret_name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        buf_add_char(ret_name, c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c);
    }
}

struct texts { /* both of what is stored */
    struct write payload, sealed;
    bool has_secret;
};

static void write_headers(const struct request *request, bool is_encoded,
                          struct texts *texts)
{
    cleanup(buf_done) struct buf name = {0};
    cleanup(buf_done) struct buf value = {0};

    buf_init(&name, NAME_BYTES);
    buf_init(&value, VALUE_BYTES);
    for (size_t i = 0; i < request->n_headers; i++) {
        bool is_secret = redact_is_secret_header(request->headers[i].name);

        if (bytes_eq_nocase(request->headers[i].name, ENCODING) ||
            !is_first(request->headers, i, bytes_eq_nocase))
            continue;
        buf_clear(&name);
        buf_clear(&value);
        lower(request->headers[i].name, &name);
        join(request->headers, request->n_headers, i, &value);
        write_key_string(&texts->payload, buf_bytes(&name));
        write_string(&texts->payload, is_secret ? MASK : buf_bytes(&value));
        if (!is_secret)
            continue;
        texts->has_secret = true;
        write_key_string(&texts->sealed, buf_bytes(&name));
        write_string(&texts->sealed, buf_bytes(&value));
    }
    if (is_encoded)
        write_member_text(&texts->payload, "x-partnerapp-body-encoding", "base64");
}

/* --- the URL ------------------------------------------------------------------------ */

static void add_encoded(struct buf *url, struct bytes text, const char *kept)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || (c != '\0' && strchr(kept, c) != NULL);

        if (is_plain) {
            buf_add_char(url, (char)c);
            continue;
        }
        buf_add_char(url, '%');
        buf_add_char(url, digits[c >> 4]);
        buf_add_char(url, digits[c & 15]);
    }
}

static bool has_secret_query(const struct request *request)
{
    for (size_t i = 0; i < request->n_queries; i++) {
        if (redact_is_secret_header(request->queries[i].name))
            return true;
    }
    return false;
}

static void write_url(const struct request *request, bool is_masked, struct write *json)
{
    cleanup(buf_done) struct buf url = {0};

    buf_init(&url, URL_BYTES);
    buf_add(&url, request->base);
    add_encoded(&url, request->path, "-._~!$&'()*+,;=:@/");
    for (size_t i = 0; i < request->n_queries; i++) {
        buf_add_char(&url, i == 0 ? '?' : '&');
        add_encoded(&url, request->queries[i].name, "-._~");
        buf_add_char(&url, '=');
        if (is_masked)
            buf_add(&url, MASK);
        else
            add_encoded(&url, request->queries[i].value, "-._~");
    }
    write_member_string(json, "url", buf_bytes(&url));
}

static bool is_same_name(struct bytes a, struct bytes b)
{
    return bytes_eq(a, b);
}

static void write_query(const struct request *request, bool is_masked, struct write *json)
{
    write_key(json, "queryParameters");
    write_object(json);
    for (size_t i = 0; i < request->n_queries; i++) {
        if (!is_first(request->queries, i, is_same_name))
            continue;
        write_key_string(json, request->queries[i].name);
        write_string(json, is_masked ? MASK : request->queries[i].value);
    }
    write_object_end(json);
}

/* --- both texts --------------------------------------------------------------------- */

static void write_body(struct bytes body, bool is_encoded, struct write *json)
{
    cleanup(buf_done) struct buf text = {0};

    if (!is_encoded) {
        write_member_string(json, "body", body);
        return;
    }
    buf_init(&text, body.len * 2 + 4);
    base64_encode(body, &text);
    write_member_string(json, "body", buf_bytes(&text));
}

int request_write(const struct request *request, struct buf *ret_payload,
                  struct buf *ret_sealed)
{
    bool is_encoded = !is_utf8(request->body);
    bool is_masked = has_secret_query(request);
    struct texts texts = {.has_secret = is_masked};

    write_init(&texts.payload, ret_payload);
    write_init(&texts.sealed, ret_sealed);
    write_object(&texts.payload);
    write_member_text(&texts.payload, "type", "request");
    write_member_string(&texts.payload, "method", request->method);
    write_url(request, is_masked, &texts.payload);
    write_query(request, is_masked, &texts.payload);
    write_object(&texts.sealed);
    if (is_masked) {
        write_url(request, /* is_masked= */ false, &texts.sealed);
        write_query(request, /* is_masked= */ false, &texts.sealed);
    }
    write_key(&texts.payload, "headers");
    write_object(&texts.payload);
    write_key(&texts.sealed, "headers");
    write_object(&texts.sealed);
    write_headers(request, is_encoded, &texts);
    write_object_end(&texts.payload);
    write_object_end(&texts.sealed);
    write_body(request->body, is_encoded, &texts.payload);
    write_object_end(&texts.payload);
    write_object_end(&texts.sealed);
    if (!texts.has_secret)
        buf_clear(ret_sealed);
    return ret_payload->full || ret_sealed->full ? BUF_FULL : 0;
}

/* @payload's headers with those of @sealed over them. */
static void write_merged_headers(struct write *json, const struct json *payload,
                                 const struct json *sealed)
{
    const struct json *headers = json_get(payload, "headers");
    const struct json *over = json_get(sealed, "headers");
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    write_key(json, "headers");
    write_object(json);
    while (json_next(headers, &cursor, &name, &value)) {
        const struct json *secret = json_get(over, name);

        write_key_string(json, bytes_str(name));
        write_string(json, json_string(secret != NULL ? secret : value));
    }
    write_object_end(json);
}

static void write_part(struct write *json, const char *key, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, json->out->max_bytes);
    json_print(value, /* indented= */ false, &text);
    write_member_raw(json, key, buf_bytes(&text));
}

void request_open(struct bytes payload, struct bytes sealed, struct buf *ret_request)
{
    static const char *const parts[] = {"method", "url", "queryParameters", "body"};
    cleanup(json_freep) struct json *shown = NULL;
    cleanup(json_freep) struct json *secret = NULL;
    struct write json;

    if (sealed.len == 0 || json_parse(payload, &shown, NULL) < 0 ||
        json_parse(sealed, &secret, NULL) < 0) {
        buf_add(ret_request, payload);
        return;
    }
    write_init(&json, ret_request);
    write_object(&json);
    for (size_t i = 0; i < COUNT(parts); i++) {
        const struct json *over = json_get(secret, parts[i]);

        write_part(&json, parts[i], over != NULL ? over : json_get(shown, parts[i]));
    }
    write_merged_headers(&json, shown, secret);
    write_object_end(&json);
}
