/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/remark.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/form.h"
#include "base/mem.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "json/relaxed.h"
#include "json/scan.h"

enum { SCRATCH_BYTES = 65536, SENTENCE_BYTES = 256, NAME_MAX_SHOWN = 40 };
enum { JUDGED_BYTES = 65536 };

void remark_say(struct buf *ret_text, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    buf_add_text(ret_text, ret_text->len == 0
                               ? "your call differs from the documented one: "
                               : "; ");
    buf_add_text(ret_text, sentence);
}

/* --- /oauth2/auth ------------------------------------------------------------------- */

static bool is_known(struct bytes name)
{
    static const char *const names[] = {
        "client_id",      "response_type",   "scope",
        "redirect_uri",   "state",           "code_challenge",
        "nonce",          "prompt",          "code_challenge_method",
        "login_verifier", "login_challenge", "consent_verifier"};

    for (size_t i = 0; i < COUNT(names); i++) {
        if (bytes_eq(bytes_str(names[i]), name))
            return true;
    }
    return false;
}

static void judge_parameter(struct bytes name, struct bytes value, struct buf *ret_text)
{
    const bool is_padded = bytes_trim(value).len != value.len;

    if (!is_known(name)) {
        name.len = name.len < NAME_MAX_SHOWN ? name.len : NAME_MAX_SHOWN;
        remark_say(ret_text, "there is no parameter `%.*s`", BYTES_FMT(name));
        return;
    }
    if (is_padded)
        remark_say(ret_text, "`%.*s` has white space at its end or beginning",
                   BYTES_FMT(name));
    else if (bytes_eq(name, BYTES("scope")) && bytes_index(value, ' ') < value.len)
        remark_say(ret_text, "`scope` is one scope, not several");
}

void remark_add_authorize(struct bytes query, struct buf *ret_text)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes name;
    struct bytes value;

    buf_init(&scratch, SCRATCH_BYTES);
    while (form_next(&query, &scratch, &name, &value)) {
        judge_parameter(name, value, ret_text);
        buf_clear(&scratch);
    }
}

/* --- all calls ---------------------------------------------------------------------- */

static void judge_path(const struct exchange *exchange, struct buf *ret_text)
{
    const struct bytes path = exchange->path;

    if (bytes_find(path, BYTES("//")) < path.len)
        remark_say(ret_text, "the path has doubled slashes");
    if (path.len > 1 && bytes_ends(path, BYTES("/")))
        remark_say(ret_text, "the path ends in a slash");
}

static void judge_json(struct bytes body, struct buf *ret_text)
{
    cleanup(buf_done) struct buf strict = {0};
    struct scan_span root;
    struct scan_fault fault;

    if (body.len > JUDGED_BYTES || scan_json(body, NULL, &root, &fault))
        return;
    buf_init(&strict, 2 * JUDGED_BYTES);
    if (relaxed_print(body, &strict))
        remark_say(ret_text, "the body is not strict JSON (byte %zu: %s)",
                   fault.offset + 1, fault.why);
    else
        remark_say(ret_text, "the body is not JSON (byte %zu: %s)", fault.offset + 1,
                   fault.why);
}

static void judge_body(struct exchange *exchange, const char *where, struct buf *ret_text)
{
    const struct bytes type = server_header(exchange->request, "Content-Type");

    if (exchange->body.len == 0)
        return;
    if (bytes_eq(exchange->method, BYTES("GET"))) {
        remark_say(ret_text, "a GET has no body");
        return;
    }
    if (strcmp(where, "auth") == 0 || strcmp(where, "token") == 0) {
        if (!bytes_starts(type, BYTES("application/x-www-form-urlencoded")))
            remark_say(ret_text, "the body is a form, but Content-Type does not say so");
        return;
    }
    if (!bytes_starts(type, BYTES("application/json")))
        remark_say(ret_text, "%s",
                   type.ptr == NULL ? "there is no Content-Type: application/json"
                                    : "Content-Type is not application/json");
    if (strcmp(where, "tracking") != 0)
        judge_json(exchange->body, ret_text);
}

void remark_add(struct exchange *exchange, struct buf *ret_text)
{
    const char *where = faults_where(exchange);

    if (where == NULL)
        return;
    judge_path(exchange, ret_text);
    judge_body(exchange, where, ret_text);
    if (strcmp(where, "auth") == 0)
        remark_add_authorize(exchange->query, ret_text);
}
