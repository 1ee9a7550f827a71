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

#include "base/base64.h"
#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/delivery/attempt.h"
#include "emulator/delivery/subscription.h"
#include "emulator/frame/areas.h"
#include "emulator/invoke/invoke_answer.h"
#include "emulator/world/world.h"
#include "segment/sigv4.h"
#include "json/json.h"
#include "json/write.h"

enum {
    SYNC_BYTES = 6 << 20,
    ASYNC_BYTES = 1 << 20,
    CONTEXT_ENCODED = 3583,
    FILE_BYTES = 4096,
    KEY_BYTES = 128,
    NAME_LEN = 64,
};

enum invocation_type { INVOCATION_SYNC = 0, INVOCATION_EVENT, INVOCATION_DRY_RUN };

/* One call; in the exchange's arena. */
struct invoke {
    struct exchange *exchange;
    struct attempt *attempt;
    enum invocation_type type;
    bool wants_log;
};

/* --- names -------------------------------------------------------------------------- */

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '-' &&
            c != '_')
            return false;
    }
    return name.len > 0 && name.len <= NAME_LEN;
}

/* The bare name of "fn", "fn:alias", "acct:function:fn[:alias]" and a whole ARN. */
static struct bytes bare_name(struct bytes name)
{
    struct bytes rest = name;

    while (rest.len > 0) {
        if (bytes_eq(bytes_take_until(&rest, ':'), BYTES("function")) && rest.len > 0)
            return bytes_slice(rest, 0, bytes_index(rest, ':'));
    }
    return bytes_slice(name, 0, bytes_index(name, ':'));
}

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
    if (!is_name(name))
        return false;
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

/* --- the request -------------------------------------------------------------------- */

static bool read_type(struct exchange *exchange, struct invoke *invoke)
{
    static const char *const types[] = {"RequestResponse", "Event", "DryRun"};
    const struct bytes type = exchange_header(exchange, "X-Amz-Invocation-Type");

    if (type.ptr == NULL)
        return true;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (bytes_eq(type, bytes_str(types[i]))) {
            invoke->type = (enum invocation_type)i;
            return true;
        }
    }
    invoke_refuse(exchange, 400, "InvalidParameterValueException",
                  "InvocationType must be RequestResponse, Event or DryRun");
    return false;
}

static bool read_log_type(struct exchange *exchange, struct invoke *invoke)
{
    const struct bytes type = exchange_header(exchange, "X-Amz-Log-Type");

    invoke->wants_log = bytes_eq(type, BYTES("Tail"));
    if (type.ptr == NULL || invoke->wants_log || bytes_eq(type, BYTES("None")))
        return true;
    invoke_refuse(exchange, 400, "InvalidParameterValueException",
                  "LogType must be None or Tail");
    return false;
}

/* The decoded object is the settings, as a function sees context.clientContext. */
static bool read_context(struct exchange *exchange, struct json **ret_context)
{
    const struct bytes header = exchange_header(exchange, "X-Amz-Client-Context");
    cleanup(buf_done) struct buf text = {0};
    struct err err = {0};

    if (header.ptr == NULL)
        return true;
    buf_init(&text, CONTEXT_ENCODED);
    if (header.len <= CONTEXT_ENCODED && base64_decode(header, &text) &&
        json_parse(buf_bytes(&text), ret_context, &err) == 0 &&
        json_kind(*ret_context) == JSON_OBJECT)
        return true;
    invoke_refuse(exchange, 400, "InvalidRequestContentException",
                  header.len > CONTEXT_ENCODED
                      ? "Client context must be no more than 3583 bytes in length"
                      : "Client context must be a valid Base64-encoded JSON object.");
    return false;
}

static bool check_size(struct exchange *exchange, const struct invoke *invoke)
{
    const size_t max_bytes = invoke->type == INVOCATION_EVENT ? ASYNC_BYTES : SYNC_BYTES;
    char message[128];

    if (exchange->body.len <= max_bytes)
        return true;
    snprintf(message, sizeof(message),
             "Request must be smaller than %zu bytes for the InvokeFunction operation",
             max_bytes);
    invoke_refuse(exchange, 413, "RequestTooLargeException", message);
    return false;
}

static bool read_payload(struct exchange *exchange, struct json **ret_payload)
{
    struct err err = {0};
    char message[256];

    if (exchange->body.len == 0) {
        *ret_payload = json_object();
        return true;
    }
    if (json_parse(exchange->body, ret_payload, &err) == 0)
        return true;
    snprintf(message, sizeof(message), "Could not parse request body into json: %.160s",
             err.text);
    invoke_refuse(exchange, 400, "InvalidRequestContentException", message);
    return false;
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

static void keep(struct exchange *exchange, const struct json *json,
                 struct bytes *ret_text)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, SYNC_BYTES * 2);
    (void)json_print(json, /* indented= */ false, &text);
    *ret_text = bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

/* {event, settings, version} is an event with settings of its own; all else is the event.
 * What the client context says comes first. */
static struct bytes unwrap(struct exchange *exchange, const struct json *payload,
                           const struct json *context, struct target *target)
{
    const struct json *inner = json_get(payload, "event");
    const bool is_envelope = json_kind(inner) == JSON_OBJECT &&
                             json_kind(json_get(payload, "settings")) == JSON_OBJECT;
    cleanup(json_freep) struct json *settings = json_object();
    struct bytes event;

    if (is_envelope)
        json_merge(settings, json_get(payload, "settings"));
    if (context != NULL)
        json_merge(settings, context);
    if (json_count(settings) > 0)
        keep(exchange, settings, &target->settings);
    keep(exchange, is_envelope ? inner : payload, &event);
    return event;
}

static void run(struct exchange *exchange, const struct invoke *wanted,
                const struct target *target, struct bytes event)
{
    struct invoke *invoke = arena_new(&exchange->arena, struct invoke);

    *invoke = *wanted;
    if (invoke->type == INVOCATION_EVENT) {
        (void)!attempt_start(exchange->world, target, event, on_forgotten, NULL);
        exchange_answer(exchange, 202, NULL);
        return;
    }
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

static void refuse_unknown(struct exchange *exchange, struct bytes name)
{
    char message[256];

    snprintf(message, sizeof(message),
             "Function not found: arn:aws:lambda:us-west-2:123456789012:function:%.64s",
             arena_copy(&exchange->arena, name));
    invoke_refuse(exchange, 404, "ResourceNotFoundException", message);
}

static void invoke_function(struct exchange *exchange, struct bytes name)
{
    struct invoke invoke = {.exchange = exchange};
    cleanup(json_freep) struct json *context = NULL;
    cleanup(json_freep) struct json *payload = NULL;
    struct target target;

    if (!find_function(exchange, bare_name(name), &target)) {
        refuse_unknown(exchange, bare_name(name));
        return;
    }
    if (!read_type(exchange, &invoke) || !read_log_type(exchange, &invoke) ||
        !check_size(exchange, &invoke) || !read_context(exchange, &context) ||
        !read_payload(exchange, &payload))
        return;
    if (invoke.type == INVOCATION_DRY_RUN) {
        exchange_answer(exchange, 204, NULL);
        return;
    }
    target.timeout_ms = 5000;
    run(exchange, &invoke, &target, unwrap(exchange, payload, context, &target));
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
        invoke_refuse(exchange, 403, "MissingAuthenticationTokenException",
                      "Missing Authentication Token");
        return false;
    }
    if (!sigv4_is_well_formed(exchange->authorization)) {
        invoke_refuse(exchange, 403, "IncompleteSignatureException",
                      "Authorization header requires 'Credential', 'SignedHeaders' and "
                      "'Signature' parameters of AWS4-HMAC-SHA256.");
        return false;
    }
    return true;
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    (void)why;
    invoke_refuse(exchange, 404, "UnknownOperationException",
                  "only Invoke is imitated here");
}

static const struct route routes[] = {
    {"POST", "/2015-03-31/functions/{*}", post_invoke, FIDELITY_DOCUMENTED,
     "any credentials do: the signature must be there, but is not checked; versions and "
     "aliases all run the same code; a function that takes 5 s has timed out. When the "
     "local Segment itself calls a lambda, it skips the two hops of STS AssumeRole and "
     "signs with AWS's credentials of the environment, or with local/local"},
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
