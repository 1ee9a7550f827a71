/* SPDX-License-Identifier: MIT */

/* install refresh, sync, token and forget: looking after an install that is there. */

#include <stdio.h>

#include "base/err.h"
#include "base/secret.h"
#include "cli/ask.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/install.h"
#include "json/json.h"

/* A buf that held a token. */
static void wipe(struct buf *buf)
{
    if (buf->ptr != NULL)
        secret_wipe(buf->ptr, buf->len);
    buf_done(buf);
}

/* *ret_json: NULL with --json, when the answer has been printed as it came. */
static int ask(const struct call *call, const char *method, const char *verb,
               struct bytes body, struct json **ret_json, struct err *err)
{
    cleanup(wipe) struct buf text = {0};

    buf_init(&text, INSTALL_TEXT_BYTES);
    if (install_ask(call, method, verb, body, &text, err) < 0)
        return -1;
    if (call->wants_json && text.len > 0)
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
    if (text.len == 0)
        return 0;
    return json_parse(buf_bytes(&text), ret_json, err);
}

int install_refresh_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    if (ask(call, "POST", "/refresh", BYTES(""), &json, err) < 0)
        return -1;
    if (!call->wants_json)
        print_text(&call->out, "installs/%lld has a new token, good until %.*s\n",
                   (long long)install_number_of(json),
                   BYTES_FMT(install_text(json, "token_expires_at")));
    return 0;
}

/* --- sync --------------------------------------------------------------------------- */

static int post_sync(const struct call *call, struct bytes body, struct buf *ret_text,
                     struct json **ret_json, struct err *err)
{
    buf_clear(ret_text);
    if (install_ask(call, "POST", "/sync", body, ret_text, err) < 0)
        return -1;
    return json_parse(buf_bytes(ret_text), ret_json, err);
}

static void tell_sync(const struct call *call, const struct json *json, bool mends)
{
    const struct bytes destination = install_text(json, "destination");

    if (!install_print_drift(call, json))
        print_text(&call->out, "%.*s is as it should be\n", BYTES_FMT(destination));
    else if (mends)
        print_text(&call->out, "set again: %.*s\n", BYTES_FMT(destination));
    else if (call_has(call, "mend"))
        print_text(&call->out, "would be set again: %.*s\n", BYTES_FMT(destination));
    else
        call_hint(call, "Set it again: partnerapp install sync %s --mend",
                  call_arg(call, 0));
}

/* Compares first: the answer to what was mended has no differences to show any more. */
int install_sync_run(struct call *call, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *found = NULL;
    cleanup(json_freep) struct json *mended = NULL;
    const bool mends = call_has(call, "mend") && !call_has(call, "dry-run");
    bool differs;

    buf_init(&text, INSTALL_TEXT_BYTES);
    if (post_sync(call, BYTES("{\"mend\":false}"), &text, &found, err) < 0)
        return -1;
    differs = json_count(json_get(found, "drift")) > 0;
    if (mends && post_sync(call, BYTES("{\"mend\":true}"), &text, &mended, err) < 0)
        return -1;
    if (call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
    else
        tell_sync(call, found, mends);
    return differs && !mends && !call_has(call, "dry-run") ? ERR_CHECKS_FAILED : 0;
}

/* --- token -------------------------------------------------------------------------- */

int install_token_run(struct call *call, struct err *err)
{
    cleanup(wipe) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct bytes token;

    if (!call_has(call, "reveal")) {
        err_code(err, "PA7003", ERR_USAGE,
                 "this prints a secret: whoever has it can change the customer's "
                 "destination");
        return err_help(err, "partnerapp install token %s --reveal > token.txt",
                        call_arg(call, 0));
    }
    buf_init(&text, INSTALL_TEXT_BYTES);
    if (install_ask(call, "POST", "/token", BYTES(""), &text, err) < 0)
        return -1;
    if (call->wants_json) {
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
        return 0;
    }
    if (json_parse(buf_bytes(&text), &json, err) < 0)
        return -1;
    token = install_text(json, "token");
    if (token.len == 0)
        return err_set(err, "the service answered without a token");
    print_text(&call->out, "%.*s\n", BYTES_FMT(token));
    return 0;
}

/* --- forget ------------------------------------------------------------------------- */

static const char still_there[] =
    "Segment still has the install: the customer must remove the app there too "
    "(Workspace "
    "settings, Apps), and the destination where it is no longer wanted";

int install_forget_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    char question[128];
    int64_t number;
    int answer;

    if (install_number(call_arg(call, 0), &number, err) < 0)
        return -1;
    if (call_has(call, "dry-run")) {
        if (ask(call, "GET", "", BYTES(""), &json, err) < 0)
            return -1;
        call_say(call, "installs/%lld would be forgotten", (long long)number);
        return 0;
    }
    snprintf(question, sizeof(question),
             "Our copy of installs/%lld and its token go for good. Forget it?",
             (long long)number);
    answer = ask_yes(call, question, err);
    if (answer == ASK_NO)
        call_say(call, "Nothing was forgotten.");
    if (answer != 0)
        return answer < 0 ? -1 : 0;
    if (ask(call, "DELETE", "", BYTES(""), &json, err) < 0)
        return -1;
    if (json == NULL && call->wants_json)
        print_text(&call->out, "{\"install\":\"installs/%lld\",\"forgotten\":true}\n",
                   (long long)number);
    call_say(call, "Forgot installs/%lld. %s", (long long)number, still_there);
    return 0;
}
