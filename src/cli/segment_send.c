/* SPDX-License-Identifier: MIT */

#include "cli/segment_send.h"

#include "base/err.h"
#include "cli/call.h"
#include "cli/segment_link.h"
#include "net/egress.h"
#include "json/json.h"
#include "json/write.h"

enum { SHOWN_BYTES = 8 << 20 };

#define MASKED "Bearer ••••"

/* The address was configured or typed by the operator: any may be reached. */
static const char *const anywhere[] = {"0.0.0.0/0", "::/0"};

/* --- shown -------------------------------------------------------------------------- */

static void show_json(const struct segment_link *link, const struct call *call,
                      const struct segment_request *request)
{
    const struct bytes body = buf_bytes(&request->body);
    cleanup(buf_done) struct buf json = {0};
    cleanup(buf_done) struct buf url = {0};
    struct write write;

    buf_init(&json, SHOWN_BYTES);
    buf_init(&url, SHOWN_BYTES);
    buf_addf(&url, "%s%s", link->base, buf_text(&request->path));
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "method", request->method);
    write_member_string(&write, "url", buf_bytes(&url));
    write_key(&write, "headers");
    write_object(&write);
    write_member_text(&write, "Authorization", MASKED);
    if (body.len > 0)
        write_member_text(&write, "Content-Type", "application/json");
    write_object_end(&write);
    write_key(&write, "body");
    write_compact(&write, body.len > 0 ? body : BYTES("null"));
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
}

static void show_text(const struct segment_link *link, const struct call *call,
                      const struct segment_request *request)
{
    const struct bytes body = buf_bytes(&request->body);
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;

    buf_init(&text, SHOWN_BYTES);
    print_text(&call->out, "%s %s%s\nAuthorization: " MASKED "\n", request->method,
               link->base, buf_text(&request->path));
    if (body.len == 0)
        return;
    print_text(&call->out, "Content-Type: application/json\n\n");
    if (json_parse(body, &json, NULL) == 0)
        json_print(json, /* indented= */ true, &text);
    else
        buf_add(&text, body);
    print_record(&call->out, bytes_trim(buf_bytes(&text)));
}

/* --- refused ------------------------------------------------------------------------ */

static void help_unauthenticated(const struct segment_link *link, struct err *err)
{
    if (link->backend == SEGMENT_PUBLIC) {
        err_help(err, "a token is for one workspace and one region: --api-url "
                      "https://eu1.api.segmentapis.com for the EU");
        return;
    }
    err_help(err, "an install token lasts an hour and dies with the next one: "
                  "partnerapp install refresh N");
    err_help(err,
             "refused again? The customer removed the app: partnerapp install start");
}

static void help_forbidden(const struct segment_link *link, struct err *err)
{
    if (link->backend == SEGMENT_PUBLIC) {
        err_help(err, "the token's role does not allow this; a workspace owner can make "
                      "another");
        return;
    }
    err_help(err, "destination/SLUG: get, create, update, delete that destination of the "
                  "chosen source, and the catalog; no lists");
    err_help(err, "workspace:read: all of get and list; workspace: everything");
}

static const struct {
    enum segment_verdict verdict;
    const char *code;
    enum err_exit exit_code;
    const char *what;
    const char *help; /* NULL: none, or it depends */
} refusals[] = {
    {SEGMENT_MALFORMED, "PA5026", ERR_FAILED, "the answer is not what the API says",
     "is this the right address? --api, --api-url"},
    {SEGMENT_EXISTS, "PA5023", ERR_CONFLICT, "it exists already",
     "change it: partnerapp segment destinations update NAME"},
    {SEGMENT_UNAUTHENTICATED, "PA5020", ERR_AUTH, "the token was refused", NULL},
    {SEGMENT_FORBIDDEN, "PA5021", ERR_AUTH, "the token may not do this", NULL},
    {SEGMENT_NOT_FOUND, "PA5022", ERR_NOT_FOUND, "there is none of that name",
     "see what there is: partnerapp segment sources list"},
    {SEGMENT_INVALID, "PA5024", ERR_USAGE, "the request is not accepted",
     "look at it: --dry-run; what is allowed: partnerapp segment catalog destinations "
     "SLUG"},
    {SEGMENT_LIMITED, "PA5025", ERR_TRY_LATER, "too many requests", NULL},
    {SEGMENT_UNAVAILABLE, "PA5025", ERR_TRY_LATER, "the API cannot answer now", NULL},
    {SEGMENT_NOT_IMITATED, "PA5027", ERR_FAILED, "the API does not do this", NULL},
};

static int refused(const struct segment_link *link, const struct segment_answer *answer,
                   struct err *err)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        if (refusals[i].verdict != answer->verdict)
            continue;
        err_code(err, refusals[i].code, refusals[i].exit_code, "%s", refusals[i].what);
        if (answer->status != 0 && answer->why[0] != '\0')
            err_code(err, refusals[i].code, refusals[i].exit_code, "%s (%d: %s)",
                     refusals[i].what, answer->status, answer->why);
        else if (answer->why[0] != '\0')
            err_code(err, refusals[i].code, refusals[i].exit_code, "%s at %s: %s",
                     refusals[i].what, link->base, answer->why);
        if (refusals[i].help != NULL)
            err_help(err, "%s", refusals[i].help);
    }
    if (answer->verdict == SEGMENT_UNAUTHENTICATED)
        help_unauthenticated(link, err);
    if (answer->verdict == SEGMENT_FORBIDDEN)
        help_forbidden(link, err);
    if (answer->retry_after_ms > 0)
        err_help(err, "try again in %lld s",
                 (long long)((answer->retry_after_ms + 999) / 1000));
    return -1;
}

/* ------------------------------------------------------------------------------------ */

int segment_send(const struct segment_link *link, const struct call *call,
                 const struct segment_request *request, struct segment_answer *ret_answer,
                 struct err *err)
{
    struct segment_caller caller = {
        .backend = link->backend,
        .base = bytes_str(link->base),
        .authorization = secret_bytes(&link->authorization),
    };
    struct egress *egress = NULL;

    if (link->is_dry) {
        if (call->wants_json)
            show_json(link, call, request);
        else
            show_text(link, call, request);
        return SEGMENT_SEND_SHOWN;
    }
    if (egress_new(anywhere, COUNT(anywhere), /* allow_loopback= */ true, &egress, err) <
        0)
        return -1;
    caller.egress = egress;
    segment_call(&caller, request->method, buf_bytes(&request->path),
                 buf_bytes(&request->body), NULL, ret_answer);
    egress_free(egress);
    return ret_answer->verdict == SEGMENT_FINE ? 0 : refused(link, ret_answer, err);
}
