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

static int tell_sync(const struct call *call, const struct json *json, bool mends)
{
    const bool differs = json_count(json_get(json, "drift")) > 0;
    const bool is_dry = call_has(call, "dry-run");

    if (!call->wants_json) {
        install_print_drift(call, json);
        if (!differs)
            print_text(&call->out, "%.*s is as it should be\n",
                       BYTES_FMT(install_text(json, "destination")));
        else if (mends)
            print_text(&call->out, "set again: %.*s\n",
                       BYTES_FMT(install_text(json, "destination")));
        else if (is_dry && call_has(call, "mend"))
            print_text(&call->out, "would be set again\n");
        else
            call_hint(call, "Set it again: partnerapp install sync %s --mend",
                      call_arg(call, 0));
    }
    return differs && !mends && !is_dry ? ERR_CHECKS_FAILED : 0;
}

int install_sync_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const bool mends = call_has(call, "mend") && !call_has(call, "dry-run");
    const struct bytes body =
        mends ? BYTES("{\"mend\":true}") : BYTES("{\"mend\":false}");

    if (ask(call, "POST", "/sync", body, &json, err) < 0)
        return -1;
    return tell_sync(call, json, mends);
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
