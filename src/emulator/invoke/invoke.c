/* SPDX-License-Identifier: MIT */

/*
 * Lambda's Invoke, for clients that have no AWS: POST /2015-03-31/functions/{name}/
 * invocations runs code in the sandbox (dossier §5.4).
 *
 * Which code: the file that PUT /_emulator/function {"name","file"} gave the name; else,
 * when the app's subscription is a function, that one, under its own name (the file's, or
 * its folder's), the app's slug or "function".
 */

#include <stdio.h>

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/delivery/attempt.h"
#include "emulator/delivery/subscription.h"
#include "emulator/frame/areas.h"
#include "emulator/invoke/invoke_answer.h"
#include "emulator/world/world.h"
#include "segment/invoke.h"
#include "segment/sigv4.h"
#include "json/json.h"

enum {
    FILE_BYTES = 4096,
    KEY_BYTES = 128,
    SETTINGS_BYTES = INVOKE_SYNC_BYTES * 2, /* escapes of what was sent raw */
};

/* One call; in the exchange's arena. */
struct invoke {
    struct exchange *exchange;
    struct attempt *attempt;
    bool wants_log;
};

/* --- names -------------------------------------------------------------------------- */

/* "hello" of functions/hello/index.js and of hello.js. */
static bool is_named(struct bytes path, struct bytes name)
{
    size_t start;

    if (bytes_ends(path, BYTES("/index.js")))
        path.len -= strlen("/index.js");
    else if (bytes_ends(path, BYTES(".js")))
        path.len -= strlen(".js");
    start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    return bytes_eq(bytes_slice(path, start, path.len), name);
}

static bool is_own_slug(struct world *world, struct bytes name)
{
    return world_number(world, "SELECT 1 FROM app WHERE id = 1 AND slug = ?1", name, 0) ==
           1;
}

static void print_key(struct bytes name, char ret_key[KEY_BYTES])
{
    snprintf(ret_key, KEY_BYTES, "lambda:%.*s", BYTES_FMT(name));
}

static bool find_function(struct exchange *exchange, struct bytes name,
                          struct target *ret_target)
{
    struct world *world = exchange->world;
    cleanup(buf_done) struct buf file = {0};
    char key[KEY_BYTES];
    struct err err = {0};

    *ret_target = (struct target){.kind = TARGET_FUNCTION};
    buf_init(&file, FILE_BYTES);
    print_key(name, key);
    if (world_get(world, key, &file)) {
        ret_target->function = bytes_str(arena_copy(&exchange->arena, buf_bytes(&file)));
        return true;
    }
    return subscription_target(world, 1, &exchange->arena, ret_target, &err) == 0 &&
           ret_target->kind == TARGET_FUNCTION &&
           (is_named(ret_target->function, name) || is_own_slug(world, name) ||
            bytes_eq(name, BYTES("function")));
}

/* A bare one, of a function. */
static bool is_name(struct bytes name)
{
    cleanup(buf_done) struct buf nothing = {0};
    struct invoke_call call;
    struct invoke_refusal refusal;

    return invoke_read(&(struct invoke_request){.name = name}, &nothing, &call,
                       &refusal) &&
           bytes_eq(call.name, name);
}

void control_put_function(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    const struct bytes name = json_string(json_get(body, "name"));
    const struct bytes file = json_string(json_get(body, "file"));
    char key[KEY_BYTES];

    if (body == NULL)
        return;
    if (!is_name(name) || file.len == 0 || file.len >= FILE_BYTES) {
        exchange_refuse(exchange, 400,
                        "name (letters, digits, - and _) and file, a path, are needed");
        return;
    }
    print_key(name, key);
    world_set(exchange->world, key, file);
    exchange_json(exchange, 200, exchange->body);
}

/* --- running ------------------------------------------------------------------------ */

static void on_done(void *arg, const struct attempt_result *result)
{
    const struct invoke *invoke = arg;

    invoke_answer(invoke->exchange, result, invoke->wants_log);
    exchange_finish(invoke->exchange);
}

static void on_abandoned(struct exchange *exchange)
{
    const struct invoke *invoke = exchange->area_data;

    attempt_cancel(invoke->attempt);
}

/* Nobody waits for it: an Event. */
static void on_forgotten(void *arg, const struct attempt_result *result)
{
    (void)arg;
    (void)result;
}

static struct bytes keep(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

/* The event; settings that came along are the target's. */
static struct bytes unwrap(struct exchange *exchange, struct bytes context,
                           struct target *target)
{
    cleanup(buf_done) struct buf settings = {0};
    struct bytes event;

    buf_init(&settings, SETTINGS_BYTES);
    if (!invoke_unwrap(exchange->body, BYTES(""), context, &event, &settings))
        return exchange->body; /* a number, a text: the code will say what it thinks */
    if (!bytes_eq(buf_bytes(&settings), BYTES("{}")))
        target->settings = keep(exchange, buf_bytes(&settings));
    return event;
}

static void run(struct exchange *exchange, const struct invoke_call *call,
                const struct target *target, struct bytes event)
{
    struct invoke *invoke;

    if (call->type == INVOKE_EVENT) {
        (void)!attempt_start(exchange->world, target, event, on_forgotten, NULL);
        exchange_answer(exchange, 202, NULL);
        return;
    }
    invoke = arena_new(&exchange->arena, struct invoke);
    *invoke = (struct invoke){.exchange = exchange, .wants_log = call->wants_tail};
    exchange->area_data = invoke;
    exchange->abandoned_fn = on_abandoned;
    exchange_defer(exchange);
    invoke->attempt = attempt_start(exchange->world, target, event, on_done, invoke);
}

/* "{name}/invocations" of the rest of the path. */
static bool cut_name(struct exchange *exchange, struct bytes *ret_name)
{
    const struct bytes tail = BYTES("/invocations");
    struct bytes rest = exchange->params[0];

    if (bytes_starts(rest, BYTES("/")))
        rest = bytes_slice(rest, 1, rest.len);
    if (!bytes_ends(rest, tail) || rest.len == tail.len)
        return false;
    *ret_name = bytes_slice(rest, 0, rest.len - tail.len);
    return true;
}

static void refuse(struct exchange *exchange, int status, const char *type,
                   const char *message)
{
    struct invoke_refusal refusal;

    invoke_refuse(&refusal, status, type, "%s", message);
    invoke_answer_refusal(exchange, &refusal);
}

static void refuse_unknown(struct exchange *exchange, struct bytes name)
{
    struct invoke_refusal refusal;

    invoke_refuse(
        &refusal, 404, "ResourceNotFoundException",
        "Function not found: arn:aws:lambda:us-west-2:123456789012:function:%.*s",
        BYTES_FMT(name));
    invoke_answer_refusal(exchange, &refusal);
}

static void invoke_function(struct exchange *exchange, struct bytes name)
{
    const struct invoke_request request = {
        .name = name,
        .type = exchange_header(exchange, "X-Amz-Invocation-Type"),
        .log_type = exchange_header(exchange, "X-Amz-Log-Type"),
        .context = exchange_header(exchange, "X-Amz-Client-Context"),
        .payload = exchange->body,
    };
    cleanup(buf_done) struct buf context = {0};
    struct invoke_call call;
    struct invoke_refusal refusal;
    struct target target;

    buf_init(&context, INVOKE_CONTEXT_BYTES);
    if (!invoke_read(&request, &context, &call, &refusal)) {
        invoke_answer_refusal(exchange, &refusal);
        return;
    }
    if (!find_function(exchange, call.name, &target)) {
        refuse_unknown(exchange, call.name);
        return;
    }
    if (call.type == INVOKE_DRY_RUN) {
        exchange_answer(exchange, 204, NULL);
        return;
    }
    target.timeout_ms = 5000;
    run(exchange, &call, &target, unwrap(exchange, call.context, &target));
}

static void post_invoke(struct exchange *exchange)
{
    struct bytes name;

    if (cut_name(exchange, &name))
        invoke_function(exchange, name);
    else
        exchange->area->missing_fn(exchange, ROUTE_NO_PATH);
}

/* --- the area ----------------------------------------------------------------------- */

static bool check_authorization(struct exchange *exchange)
{
    if (exchange->authorization.ptr == NULL) {
        refuse(exchange, 403, "MissingAuthenticationTokenException",
               "Missing Authentication Token");
        return false;
    }
    if (!sigv4_is_well_formed(exchange->authorization)) {
        refuse(exchange, 403, "IncompleteSignatureException",
               "Authorization header requires 'Credential', 'SignedHeaders' and "
               "'Signature' parameters of AWS4-HMAC-SHA256.");
        return false;
    }
    return true;
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    (void)why;
    refuse(exchange, 404, "UnknownOperationException", "only Invoke is imitated here");
}

static const struct route routes[] = {
    {"POST", "/2015-03-31/functions/{*}", post_invoke, FIDELITY_DOCUMENTED,
     "any credentials do: the signature must be there, but is not checked, and no role "
     "is "
     "assumed before; versions and aliases all run the same code; a function that takes "
     "5 s has timed out. When the local Segment itself calls a lambda elsewhere, it "
     "assumes the role with STS and then invokes, as Segment does, but without Segment's "
     "first hop, into a role of Segment's own account: STS is asked with AWS's "
     "credentials of the environment, or with local/local. Tests show both calls, where "
     "Segment was seen to show AssumeRole alone"},
    {.method = NULL},
};

const struct area invoke_area = {
    .title = "Lambda Invoke",
    .prefix = "/2015-03-31/",
    .routes = routes,
    .body_bytes = SIZE_MAX, /* a larger one is refused in Lambda's own words */
    .before_fn = check_authorization,
    .missing_fn = missing,
};
