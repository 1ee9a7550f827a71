/* SPDX-License-Identifier: MIT */

#include "segment/assume_role.h"

#include "base/form.h"
#include "base/time_text.h"
#include "segment/xml.h"

#define CREDENTIALS "AssumeRoleResponse/AssumeRoleResult/Credentials"

enum { CODE_LEN = 64, NUMBER_BYTES = 32 };

/* --- the request -------------------------------------------------------------------- */

static void add(struct buf *body, const char *name, struct bytes value)
{
    (void)form_add(body, name, value, FORM_SPACE_PERCENT);
}

static void add_number(struct buf *body, const char *name, int64_t value)
{
    cleanup(buf_done) struct buf number = {0};

    buf_init(&number, NUMBER_BYTES);
    buf_add_i64(&number, value);
    add(body, name, buf_bytes(&number));
}

int assume_role_write(const struct assume_role_request *request, struct buf *ret_body)
{
    add(ret_body, "Action", BYTES("AssumeRole"));
    add(ret_body, "Version", BYTES("2011-06-15"));
    add(ret_body, "RoleArn", request->role);
    add_number(ret_body, "RoleSessionName", request->now_ns);
    if (request->external_id.len > 0)
        add(ret_body, "ExternalId", request->external_id);
    add_number(ret_body, "DurationSeconds", ASSUME_ROLE_SECONDS);
    return ret_body->full ? BUF_FULL : 0;
}

/* --- the answer --------------------------------------------------------------------- */

/* What is there just once, without the space around it. */
static bool find_one(struct bytes xml, const char *path, struct bytes *ret_inner)
{
    struct xml_found found;

    *ret_inner = bytes_of(NULL, 0);
    if (xml.len > ASSUME_ROLE_ANSWER_BYTES || !xml_find(xml, path, &found) ||
        found.n_found != 1)
        return false;
    *ret_inner = bytes_trim(found.inner);
    return true;
}

/* No part of a credential needs a reference, and none may break out of a header. */
static bool is_credential(struct bytes text, size_t max_len)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (c <= ' ' || c > '~' || c == '<' || c == '&')
            return false;
    }
    return text.len > 0 && text.len <= max_len;
}

bool assume_role_read(struct bytes xml, struct assume_role_credentials *ret_credentials)
{
    struct assume_role_credentials read = {.expires_ms = 0};
    struct bytes whole, expires;

    *ret_credentials = read;
    if (!find_one(xml, CREDENTIALS, &whole) ||
        !find_one(xml, CREDENTIALS "/AccessKeyId", &read.key_id) ||
        !find_one(xml, CREDENTIALS "/SecretAccessKey", &read.secret) ||
        !find_one(xml, CREDENTIALS "/SessionToken", &read.token) ||
        !find_one(xml, CREDENTIALS "/Expiration", &expires))
        return false;
    if (!is_credential(read.key_id, ASSUME_ROLE_KEY_ID_LEN) ||
        !is_credential(read.secret, ASSUME_ROLE_SECRET_LEN) ||
        !is_credential(read.token, ASSUME_ROLE_TOKEN_LEN) ||
        bytes_index(read.key_id, '/') < read.key_id.len ||
        bytes_index(read.key_id, ',') < read.key_id.len ||
        !time_text_parse(expires, &read.expires_ms))
        return false;
    *ret_credentials = read;
    return true;
}

static bool is_code(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '.')
            return false;
    }
    return text.len > 0 && text.len <= CODE_LEN;
}

bool assume_role_read_error(struct bytes xml, struct buf *scratch, struct bytes *ret_code,
                            struct bytes *ret_message)
{
    struct bytes code, message;

    buf_clear(scratch);
    *ret_code = *ret_message = bytes_of(NULL, 0);
    if (!find_one(xml, "ErrorResponse/Error/Code", &code) || !is_code(code))
        return false;
    *ret_code = code;
    if (find_one(xml, "ErrorResponse/Error/Message", &message) &&
        xml_text(message, scratch))
        *ret_message = bytes_slice(buf_bytes(scratch), 0, ASSUME_ROLE_MESSAGE_LEN);
    return true;
}

/* --- showing ------------------------------------------------------------------------ */

static bool has_secrets(struct bytes text)
{
    return bytes_find(text, BYTES("SecretAccessKey")) < text.len ||
           bytes_find(text, BYTES("SessionToken")) < text.len;
}

bool assume_role_cut(struct bytes xml, struct buf *ret_shown)
{
    struct bytes before = xml, after = {NULL, 0};
    struct xml_found found;

    if (xml.len > ASSUME_ROLE_ANSWER_BYTES || !xml_find(xml, CREDENTIALS, &found) ||
        found.n_found > 1)
        return false;
    if (found.n_found == 1) {
        before.len = (size_t)(found.outer.ptr - xml.ptr);
        after = bytes_slice(xml, before.len + found.outer.len, xml.len);
    }
    if (has_secrets(before) || has_secrets(after))
        return false;
    return buf_add(ret_shown, before) == 0 && buf_add(ret_shown, after) == 0;
}
