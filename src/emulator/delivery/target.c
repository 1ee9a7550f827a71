/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/target_parts.h"

#include "base/buf.h"
#include "base/err.h"
#include "net/client.h"
#include "json/json.h"

enum {
    TIMEOUT_MS = 5000,
    ACTIONS_TIMEOUT_MS = 10000,
    URL_BYTES = 16384,
    NAME_MAX_LEN = 170, /* a function's ARN */
    ROLE_MAX_LEN = 2048,
    EXTERNAL_ID_MIN_LEN = 2,
    EXTERNAL_ID_MAX_LEN = 1224,
};

/* Where the functions of Dev Center live (dossier §5.1). */
#define DEFAULT_REGION "us-west-2"

/* --- URLs --------------------------------------------------------------------------- */

static bool is_address(struct bytes host)
{
    for (size_t i = 0; i < host.len && host.ptr[i] != ':'; i++) {
        if (host.ptr[i] != '.' && !(host.ptr[i] >= '0' && host.ptr[i] <= '9'))
            return false;
    }
    return true;
}

/* @endpoint: host, and ":port" unless it is the usual one. */
static bool is_loopback(struct bytes endpoint)
{
    const struct bytes name = bytes_slice(endpoint, 0, bytes_index(endpoint, ':'));

    return bytes_eq(name, BYTES("localhost")) || bytes_ends(name, BYTES(".localhost")) ||
           (bytes_starts(name, BYTES("127.")) && is_address(name)) ||
           bytes_eq(endpoint, BYTES("::1")) || bytes_starts(endpoint, BYTES("::1:"));
}

int target_check_url(struct bytes url, struct err *err)
{
    cleanup(buf_done) struct buf endpoint = {0};
    const bool is_plain = bytes_eq_nocase(bytes_slice(url, 0, 7), BYTES("http://"));

    buf_init(&endpoint, URL_BYTES);
    if (!is_plain && !bytes_eq_nocase(bytes_slice(url, 0, 8), BYTES("https://")))
        return err_set(err, "the URL begins with https:// (or http:// to this machine)");
    if (!client_url_endpoint(url, &endpoint))
        return err_set(err, "this is no URL that can be sent to");
    if (is_plain && !is_loopback(buf_bytes(&endpoint)))
        return err_set(err, "Segment sends over https only; http is for this machine");
    return 0;
}

/* --- what each kind must have ------------------------------------------------------- */

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] > 0x7e)
            return false;
    }
    return true;
}

bool target_has_ascii_headers(const struct target_hook *hook)
{
    for (size_t i = 0; i < hook->n_headers; i++) {
        if (!is_ascii(hook->headers[i].name) || !is_ascii(hook->headers[i].value))
            return false;
    }
    return true;
}

static int check_hooks(const struct target *target, struct err *err)
{
    if (target->n_hooks == 0)
        return err_set(err, "the URL is missing");
    if (target->kind != TARGET_CLASSIC && target->n_hooks > 1)
        return err_set(err, "only classic webhooks have more than one URL");
    for (size_t i = 0; i < target->n_hooks; i++) {
        if (target_check_url(target->hooks[i].url, err) < 0)
            return -1;
        /* Actions says so only when it sends (dossier §3.9). */
        if (target->kind == TARGET_CLASSIC &&
            !target_has_ascii_headers(&target->hooks[i]))
            return err_set(err, "a header of a hook is not ASCII");
    }
    return 0;
}

static int finish_actions(struct target *target, struct err *err)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH"};

    target->timeout_ms = ACTIONS_TIMEOUT_MS;
    if (target->method.len == 0)
        target->method = BYTES("POST");
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (bytes_eq(target->method, bytes_str(methods[i])))
            return check_hooks(target, err);
    }
    return err_set(err, "method is POST, PUT or PATCH");
}

static int finish_function(struct target *target, struct err *err)
{
    static const char *const generations[] = {"", "custom", "subscription", "functions"};

    if (target->function.len == 0)
        return err_set(err, "function, the path of the code, is missing");
    for (size_t i = 0; i < COUNT(generations); i++) {
        if (bytes_eq(target->generation, bytes_str(generations[i])))
            return 0;
    }
    return err_set(err, "generation is custom, subscription or functions");
}

/* --- lambda ------------------------------------------------------------------------- */

static bool is_made_of(struct bytes text, const char *marks)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') &&
            (c == '\0' || strchr(marks, c) == NULL))
            return false;
    }
    return text.len > 0;
}

/* arn:aws:lambda:REGION:… names its own. */
static struct bytes region_of(struct bytes arn)
{
    for (int i = 0; i < 3; i++)
        (void)bytes_take_until(&arn, ':');
    return bytes_take_until(&arn, ':');
}

static int add_api_key(struct target *target, struct arena *arena, struct err *err)
{
    cleanup(json_freep) struct json *context = json_object();
    cleanup(json_freep) struct json *given = NULL;
    cleanup(buf_done) struct buf text = {0};

    if (target->api_key.len == 0)
        return 0;
    if (target->client_context.len > 0 &&
        json_parse(target->client_context, &given, err) < 0)
        return -1;
    json_set_string(context, "apiKey", target->api_key);
    if (given != NULL)
        json_merge(context, given);
    buf_init(&text, TARGET_CONTEXT_ENCODED);
    if (json_print(context, /* indented= */ false, &text) != 0)
        return err_set(err, "the client context is larger than %d bytes encoded",
                       TARGET_CONTEXT_ENCODED);
    target->client_context = bytes_of(arena_copy(arena, buf_bytes(&text)), text.len);
    return 0;
}

static size_t encoded_len(struct bytes bytes)
{
    return (bytes.len + 2) / 3 * 4;
}

/* Is it of this machine? Then its `lambda serve` answers AssumeRole as well. */
static bool is_local(struct bytes url)
{
    cleanup(buf_done) struct buf endpoint = {0};

    buf_init(&endpoint, URL_BYTES);
    return client_url_endpoint(url, &endpoint) && is_loopback(buf_bytes(&endpoint));
}

static struct bytes origin_of(struct bytes url)
{
    const size_t start = bytes_find(url, BYTES("://")) + 3;
    const struct bytes rest = bytes_slice(url, start, url.len);

    return bytes_slice(url, 0, start + bytes_index(rest, '/'));
}

static int finish_role(struct target *target, struct arena *arena, struct err *err)
{
    if (target->role.len == 0)
        return 0;
    if (target->role.len > ROLE_MAX_LEN || !is_made_of(target->role, "-_:/.+=,@"))
        return err_set(err, "role is no role's ARN");
    if (target->external_id.len > 0 && (target->external_id.len < EXTERNAL_ID_MIN_LEN ||
                                        target->external_id.len > EXTERNAL_ID_MAX_LEN ||
                                        !is_made_of(target->external_id, "-_:/.+=,@")))
        return err_set(err, "external_id has %d to %d letters, digits and +=,.@:/-_",
                       EXTERNAL_ID_MIN_LEN, EXTERNAL_ID_MAX_LEN);
    if (target->sts_url.len > 0)
        return target_check_url(target->sts_url, err);
    if (is_local(target->invoke_url))
        target->sts_url = origin_of(target->invoke_url);
    else
        target->sts_url = bytes_str(arena_printf(arena, "https://sts.%.*s.amazonaws.com",
                                                 BYTES_FMT(target->region)));
    return 0;
}

static int finish_lambda(struct target *target, struct arena *arena, struct err *err)
{
    if (target->arn.len > NAME_MAX_LEN || !is_made_of(target->arn, "-_:$."))
        return err_set(err, "arn, a function's name, name:alias or ARN, is %s",
                       target->arn.len == 0 ? "missing" : "not one");
    if (target->region.len == 0 && bytes_starts(target->arn, BYTES("arn:")))
        target->region = region_of(target->arn);
    if (target->region.len == 0)
        target->region = BYTES(DEFAULT_REGION);
    if (target->region.len > 32 || !is_made_of(target->region, "-"))
        return err_set(err, "region is one of AWS's, such as " DEFAULT_REGION);
    if (target->invoke_url.len == 0)
        target->invoke_url = bytes_str(arena_printf(
            arena, "https://lambda.%.*s.amazonaws.com", BYTES_FMT(target->region)));
    if (add_api_key(target, arena, err) < 0)
        return -1;
    if (encoded_len(target->client_context) > TARGET_CONTEXT_ENCODED)
        return err_set(err, "the client context is larger than %d bytes encoded",
                       TARGET_CONTEXT_ENCODED);
    if (target_check_url(target->invoke_url, err) < 0)
        return -1;
    return finish_role(target, arena, err);
}

int target_finish(struct target *target, struct arena *arena, struct err *err)
{
    target->timeout_ms = TIMEOUT_MS;
    if (encoded_len(target->settings) > TARGET_SETTINGS_ENCODED)
        return err_set(err, "the settings are larger than %d bytes encoded",
                       TARGET_SETTINGS_ENCODED);
    switch (target->kind) {
    case TARGET_WEBHOOK:
    case TARGET_CLASSIC:
        return check_hooks(target, err);
    case TARGET_ACTIONS:
        return finish_actions(target, err);
    case TARGET_FUNCTION:
        return finish_function(target, err);
    case TARGET_LAMBDA:
        return finish_lambda(target, arena, err);
    case TARGET_NONE:
        break;
    }
    return err_set(err, "the target is of no kind");
}

/* --- copies ------------------------------------------------------------------------- */

static void keep(struct bytes *text, struct arena *arena)
{
    if (text->ptr != NULL)
        text->ptr = arena_copy(arena, *text);
}

struct target target_copy(const struct target *target, struct arena *arena)
{
    struct target copy = *target;
    struct bytes *const texts[] = {
        &copy.api_key,   &copy.settings,   &copy.shared_secret, &copy.method,
        &copy.function,  &copy.generation, &copy.invoke_url,    &copy.arn,
        &copy.region,    &copy.role,       &copy.external_id,   &copy.client_context,
        &copy.sensitive, &copy.sts_url,
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        keep(texts[i], arena);
    for (size_t i = 0; i < copy.n_hooks; i++) {
        struct target_hook *hook = &copy.hooks[i];

        keep(&hook->url, arena);
        for (size_t j = 0; j < hook->n_headers; j++) {
            keep(&hook->headers[j].name, arena);
            keep(&hook->headers[j].value, arena);
        }
    }
    return copy;
}
