/* SPDX-License-Identifier: MIT */

#include "lambda/host/sts.h"

#include <stdio.h>

#include "base/form.h"
#include "base/hex.h"
#include "base/html.h"
#include "base/secret.h"
#include "base/time_text.h"

enum {
    FIELD_BYTES = 2048,
    MESSAGE_BYTES = 4096,
    SESSION_MIN = 2,
    SESSION_MAX = 64,
    ARN_MIN = 20,
    LEAST_S = 900,
    MOST_S = 43200,
};

/* A field of the form; empty when there is none. */
struct field {
    struct buf memory;
    struct bytes value;
};

static void field_done(struct field *field)
{
    buf_done(&field->memory);
}

static void find(struct field *field, struct bytes form, const char *name)
{
    buf_init(&field->memory, FIELD_BYTES);
    if (!form_find(form, name, &field->memory, &field->value))
        field->value = BYTES("");
}

void sts_write_error(const char *code, const char *message, const char *request_id,
                     struct buf *ret_xml)
{
    html_addf(ret_xml,
              "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
              "  <Error>\n"
              "    <Type>Sender</Type>\n"
              "    <Code>%s</Code>\n"
              "    <Message>%s</Message>\n"
              "  </Error>\n"
              "  <RequestId>%s</RequestId>\n"
              "</ErrorResponse>\n",
              code, message, request_id);
}

static bool is_session_char(char c)
{
    const char lower = (char)(c | 0x20);

    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') ||
           (c != '\0' && strchr("_+=,.@-", c) != NULL);
}

static bool is_session_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_session_char(name.ptr[i]))
            return false;
    }
    return name.len >= SESSION_MIN && name.len <= SESSION_MAX;
}

static bool read_duration(struct bytes text, int64_t *ret_s)
{
    *ret_s = STS_DEFAULT_S;
    if (text.len == 0)
        return true;
    return bytes_to_i64(text, ret_s) && *ret_s >= LEAST_S && *ret_s <= MOST_S;
}

/* Characters of a @set of at most 256, one a random byte. */
static void spell(const char *set, const uint8_t *random, size_t len, char *ret_text)
{
    const size_t n = strlen(set);

    for (size_t i = 0; i < len; i++)
        ret_text[i] = set[random[i] % n];
    ret_text[len] = '\0';
}

static const struct sts_credentials *make(struct sts *sts, int64_t expires_ms,
                                          const uint8_t random[STS_RANDOM_BYTES])
{
    enum { KEY_RANDOM = 16, SECRET_RANDOM = 40, TOKEN_RANDOM = 32 };
    struct sts_credentials *made = &sts->kept[sts->n_made++ % STS_KEPT];
    char key[KEY_RANDOM + 1];

    spell("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", random, KEY_RANDOM, key);
    snprintf(made->key_id, sizeof(made->key_id), "ASIA%s", key);
    spell("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
          random + KEY_RANDOM, SECRET_RANDOM, made->secret);
    hex_encode(random + KEY_RANDOM + SECRET_RANDOM, TOKEN_RANDOM, made->token);
    made->expires_ms = expires_ms;
    return made;
}

/* "demo" of arn:aws:iam::123456789012:role/path/demo */
static struct bytes role_name(struct bytes arn)
{
    struct bytes name = arn;

    while (arn.len > 0)
        name = bytes_take_until(&arn, '/');
    return name;
}

static struct bytes account_of(struct bytes arn)
{
    struct bytes part = {0};

    for (int i = 0; i < 5; i++)
        part = bytes_take_until(&arn, ':');
    return part.len > 0 ? part : BYTES("123456789012");
}

static void write_credentials(const struct sts_credentials *made, struct bytes role,
                              struct bytes session, const char *request_id,
                              struct buf *ret_xml)
{
    const struct bytes account = account_of(role);
    const struct bytes name = role_name(role);
    char expires[TIME_TEXT_LEN + 1];

    time_text_format(made->expires_ms, expires);
    memcpy(expires + strlen("2026-09-03T11:58:11"), "Z", 2);
    html_addf(ret_xml,
              "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
              "  <AssumeRoleResult>\n"
              "    <AssumedRoleUser>\n"
              "      <AssumedRoleId>AROALOCALLAMBDAHOST00:%b</AssumedRoleId>\n"
              "      <Arn>arn:aws:sts::%b:assumed-role/%b/%b</Arn>\n"
              "    </AssumedRoleUser>\n"
              "    <Credentials>\n"
              "      <AccessKeyId>%s</AccessKeyId>\n"
              "      <SecretAccessKey>%s</SecretAccessKey>\n"
              "      <SessionToken>%s</SessionToken>\n"
              "      <Expiration>%s</Expiration>\n"
              "    </Credentials>\n"
              "  </AssumeRoleResult>\n"
              "  <ResponseMetadata>\n"
              "    <RequestId>%s</RequestId>\n"
              "  </ResponseMetadata>\n"
              "</AssumeRoleResponse>\n",
              &session, &account, &name, &session, made->key_id, made->secret,
              made->token, expires, request_id);
}

/* Why the request is none that AWS would think about; NULL: it would. */
static const char *find_fault(struct bytes role, struct bytes session,
                              struct bytes duration, int64_t *ret_s)
{
    if (role.len < ARN_MIN || !bytes_starts(role, BYTES("arn:")))
        return "1 validation error detected: Value at 'roleArn' failed to satisfy "
               "constraint: it must be the ARN of a role";
    if (!is_session_name(session))
        return "1 validation error detected: Value at 'roleSessionName' failed to "
               "satisfy constraint: Member must satisfy regular expression pattern: "
               "[\\w+=,.@-]{2,64}";
    if (!read_duration(duration, ret_s))
        return "1 validation error detected: Value at 'durationSeconds' failed to "
               "satisfy constraint: Member must be between 900 and 43200";
    return NULL;
}

static bool is_trusted(const struct sts *sts, struct bytes role, struct bytes external_id)
{
    return (sts->role == NULL || bytes_eq(role, bytes_str(sts->role))) &&
           (sts->external_id == NULL ||
            bytes_eq(external_id, bytes_str(sts->external_id)));
}

static int deny(struct bytes role, const char *request_id, struct buf *ret_xml)
{
    char message[MESSAGE_BYTES];

    snprintf(message, sizeof(message),
             "User: arn:aws:sts::595280932656:assumed-role/"
             "customer-lambda-prod-destination-access/local is not authorized to "
             "perform: sts:AssumeRole on resource: %.*s",
             BYTES_FMT(role));
    sts_write_error("AccessDenied", message, request_id, ret_xml);
    return 403;
}

static int assume(struct sts *sts, struct bytes form, int64_t now_ms,
                  const uint8_t random[STS_RANDOM_BYTES], const char *request_id,
                  struct buf *ret_xml)
{
    cleanup(field_done) struct field role = {0};
    cleanup(field_done) struct field session = {0};
    cleanup(field_done) struct field external_id = {0};
    cleanup(field_done) struct field duration = {0};
    int64_t duration_s = 0;
    const char *fault;

    find(&role, form, "RoleArn");
    find(&session, form, "RoleSessionName");
    find(&external_id, form, "ExternalId");
    find(&duration, form, "DurationSeconds");
    fault = find_fault(role.value, session.value, duration.value, &duration_s);
    if (fault != NULL) {
        sts_write_error("ValidationError", fault, request_id, ret_xml);
        return 400;
    }
    if (!is_trusted(sts, role.value, external_id.value))
        return deny(role.value, request_id, ret_xml);
    write_credentials(make(sts, now_ms + duration_s * 1000, random), role.value,
                      session.value, request_id, ret_xml);
    return 200;
}

int sts_answer(struct sts *sts, struct bytes form, int64_t now_ms,
               const uint8_t random[STS_RANDOM_BYTES], const char *request_id,
               struct buf *ret_xml)
{
    cleanup(field_done) struct field action = {0};

    find(&action, form, "Action");
    if (bytes_eq(action.value, BYTES("AssumeRole")))
        return assume(sts, form, now_ms, random, request_id, ret_xml);
    sts_write_error("InvalidAction",
                    "This is a local Lambda host: of STS it knows AssumeRole alone.",
                    request_id, ret_xml);
    return 400;
}

enum sts_verdict sts_find(const struct sts *sts, struct bytes key_id, struct bytes token,
                          int64_t now_ms, const struct sts_credentials **ret_credentials)
{
    const size_t n = sts->n_made < STS_KEPT ? sts->n_made : STS_KEPT;

    for (size_t i = 0; i < n; i++) {
        const struct sts_credentials *kept = &sts->kept[i];

        if (!bytes_eq(key_id, bytes_str(kept->key_id)))
            continue;
        if (token.len != strlen(kept->token) ||
            !secret_eq(token.ptr, kept->token, token.len))
            return STS_UNKNOWN;
        *ret_credentials = kept;
        return now_ms < kept->expires_ms ? STS_GOOD : STS_EXPIRED;
    }
    return STS_UNKNOWN;
}
