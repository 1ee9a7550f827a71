/* SPDX-License-Identifier: MIT */

/* sign and verify: Segment's X-Signature, for a file or standard input. */

#include "base/digest.h"
#include "base/err.h"
#include "base/secret.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "segment/signature.h"

enum { BODY_MAX = 64 << 20, SECRET_MAX = 65536 };

/* The body and the key of one call. */
struct signing {
    struct buf body;
    struct hmac_sha1 *key;
};

static int read_key(const struct call *call, struct hmac_sha1 **ret_key, struct err *err)
{
    struct buf secret;
    int answer;

    buf_init(&secret, SECRET_MAX);
    answer =
        input_read_secret(call_given(call, "secret-file"), "secret-file", &secret, err);
    if (answer == 0)
        *ret_key = hmac_sha1_new(buf_bytes(&secret));
    secret_wipe(secret.ptr, secret.len);
    buf_done(&secret);
    return answer;
}

static int signing_open(struct signing *signing, const struct call *call, struct err *err)
{
    const char *file = call_arg(call, 0);

    *signing = (struct signing){0};
    buf_init(&signing->body, BODY_MAX);
    if (read_key(call, &signing->key, err) < 0)
        return -1;
    return input_read(file != NULL ? file : "-", &signing->body, err);
}

static void signing_done(struct signing *signing)
{
    hmac_sha1_free(signing->key);
    buf_done(&signing->body);
}

static int unsignable(struct err *err)
{
    err_code(err, "PA3002", ERR_FAILED,
             "this body cannot be signed: no JSON, or an empty array");
    return err_help(
        err, "Segment signs JSON.stringify(payload), of an array its first element");
}

int sign_run(struct call *call, struct err *err)
{
    struct signing signing;
    char hex[41];
    int answer = signing_open(&signing, call, err);

    if (answer == 0 && !signature_sign(buf_bytes(&signing.body), signing.key, hex))
        answer = unsignable(err);
    if (answer == 0)
        print_text(&call->out, call->wants_json ? "{\"signature\":\"%s\"}\n" : "%s\n",
                   hex);
    signing_done(&signing);
    return answer;
}

static int report(const struct call *call, enum signature_verdict verdict)
{
    static const char *const texts[] = {
        [SIGNATURE_MALFORMED] = "malformed: a signature has 40 hexadecimal digits",
        [SIGNATURE_UNSIGNABLE] = "unsignable: the body is no JSON, or an empty array",
        [SIGNATURE_MISMATCH] = "mismatch: not made with this secret for this body",
        [SIGNATURE_GENUINE] = "genuine",
    };
    static const char *const words[] = {
        [SIGNATURE_MALFORMED] = "malformed",
        [SIGNATURE_UNSIGNABLE] = "unsignable",
        [SIGNATURE_MISMATCH] = "mismatch",
        [SIGNATURE_GENUINE] = "genuine",
    };
    bool is_genuine = verdict == SIGNATURE_GENUINE;

    if (call->wants_json)
        print_text(&call->out, "{\"ok\":%s,\"verdict\":\"%s\"}\n",
                   is_genuine ? "true" : "false", words[verdict]);
    else
        print_text(&call->out, "%s\n", texts[verdict]);
    return is_genuine ? 0 : ERR_CHECKS_FAILED;
}

int verify_run(struct call *call, struct err *err)
{
    struct signing signing;
    const char *header = call_given(call, "signature");
    int answer;

    if (header == NULL)
        return err_code(err, "PA7003", ERR_USAGE, "--signature HEX is needed");
    answer = signing_open(&signing, call, err);
    if (answer == 0)
        answer = report(call, signature_verify(bytes_str(header),
                                               buf_bytes(&signing.body), signing.key));
    signing_done(&signing);
    return answer;
}
