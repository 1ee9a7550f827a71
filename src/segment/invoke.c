/* SPDX-License-Identifier: MIT */

#include "segment/invoke.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "segment/settings.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/write.h"

enum {
    NAME_PARTS = 9,      /* one more than any form has */
    QUALIFIER_LEN = 128, /* of an alias or a version */
};

static const char bad_parameter[] = "InvalidParameterValueException";
static const char bad_content[] = "InvalidRequestContentException";

/* --- refusals ----------------------------------------------------------------------- */

void invoke_refuse(struct invoke_refusal *refusal, int status, const char *type,
                   const char *format, ...)
{
    va_list args;

    refusal->status = status;
    refusal->type = type;
    va_start(args, format);
    vsnprintf(refusal->message, sizeof(refusal->message), format, args);
    va_end(args);
}

void invoke_write_refusal(const struct invoke_refusal *refusal, struct buf *ret_body)
{
    struct write write;

    write_init(&write, ret_body);
    write_object(&write);
    write_member_text(&write, "Type", refusal->status >= 500 ? "Service" : "User");
    write_member_text(&write, "Message", refusal->message);
    write_object_end(&write);
}

/* --- names -------------------------------------------------------------------------- */

static bool is_word(struct bytes text, size_t max_len)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '-' &&
            c != '_')
            return false;
    }
    return text.len > 0 && text.len <= max_len;
}

static bool is_account(struct bytes text)
{
    size_t n_digits = 0;

    while (n_digits < text.len && text.ptr[n_digits] >= '0' && text.ptr[n_digits] <= '9')
        n_digits++;
    return n_digits == text.len && text.len == 12;
}

static bool is_qualifier(struct bytes text)
{
    return bytes_eq(text, BYTES("$LATEST")) || is_word(text, QUALIFIER_LEN);
}

/* How many parts stand before the bare name; more than there are: it is no form. */
static size_t count_before_name(const struct bytes *parts, size_t n_parts)
{
    if (n_parts >= 7 && bytes_eq(parts[0], BYTES("arn")))
        return bytes_starts(parts[1], BYTES("aws")) && is_word(parts[1], 32) &&
                       bytes_eq(parts[2], BYTES("lambda")) && is_word(parts[3], 32) &&
                       is_account(parts[4]) && bytes_eq(parts[5], BYTES("function"))
                   ? 6
                   : n_parts;
    if (n_parts >= 3)
        return is_account(parts[0]) && bytes_eq(parts[1], BYTES("function")) ? 2
                                                                             : n_parts;
    return 0;
}

static bool read_name(struct bytes name, struct invoke_call *ret_call)
{
    struct bytes parts[NAME_PARTS];
    struct bytes rest = name;
    size_t n_parts = 0, before;

    while (rest.len > 0 && n_parts < NAME_PARTS)
        parts[n_parts++] = bytes_take_until(&rest, ':');
    before = count_before_name(parts, n_parts);
    if (bytes_ends(name, BYTES(":")) || before >= n_parts || n_parts - before > 2)
        return false;
    ret_call->name = parts[before];
    if (n_parts - before == 2)
        ret_call->qualifier = parts[before + 1];
    return is_word(ret_call->name, INVOKE_NAME_LEN) &&
           (n_parts - before == 1 || is_qualifier(ret_call->qualifier));
}

/* --- the request -------------------------------------------------------------------- */

static bool read_type(struct bytes type, enum invoke_type *ret_type)
{
    static const char *const types[] = {
        [INVOKE_REQUEST_RESPONSE] = "RequestResponse",
        [INVOKE_EVENT] = "Event",
        [INVOKE_DRY_RUN] = "DryRun",
    };

    if (type.ptr == NULL)
        return true;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (bytes_eq(type, bytes_str(types[i]))) {
            *ret_type = (enum invoke_type)i;
            return true;
        }
    }
    return false;
}

static bool read_parameters(const struct invoke_request *request,
                            struct invoke_call *ret_call,
                            struct invoke_refusal *ret_refusal)
{
    const char *why = NULL;

    ret_call->wants_tail = bytes_eq(request->log_type, BYTES("Tail"));
    if (!read_name(request->name, ret_call))
        why = "FunctionName must be a name of letters, digits, - and _, at most 64, with "
              "or without an alias, or an ARN";
    else if (!read_type(request->type, &ret_call->type))
        why = "InvocationType must be RequestResponse, Event or DryRun";
    else if (request->log_type.ptr != NULL && !ret_call->wants_tail &&
             !bytes_eq(request->log_type, BYTES("None")))
        why = "LogType must be None or Tail";
    if (why != NULL)
        invoke_refuse(ret_refusal, 400, bad_parameter, "%s", why);
    return why == NULL;
}

static bool check_size(const struct invoke_request *request, enum invoke_type type,
                       struct invoke_refusal *ret_refusal)
{
    const size_t max_bytes =
        type == INVOKE_EVENT ? INVOKE_ASYNC_BYTES : INVOKE_SYNC_BYTES;

    if (request->payload.len <= max_bytes)
        return true;
    invoke_refuse(
        ret_refusal, 413, "RequestTooLargeException",
        "Request must be smaller than %zu bytes for the InvokeFunction operation",
        max_bytes);
    return false;
}

static bool read_context(struct bytes header, struct buf *ret_context,
                         struct invoke_refusal *ret_refusal)
{
    buf_clear(ret_context);
    if (header.ptr == NULL)
        return true;
    if (header.len <= INVOKE_CONTEXT_BYTES &&
        settings_decode(header, ret_context) == SETTINGS_GOOD)
        return true;
    invoke_refuse(ret_refusal, 400, bad_content, "%s",
                  header.len > INVOKE_CONTEXT_BYTES
                      ? "Client context must be no more than 3583 bytes in length"
                      : "Client context must be a valid Base64-encoded JSON object.");
    return false;
}

static bool check_payload(struct bytes payload, struct invoke_refusal *ret_refusal)
{
    struct scan_span root;
    struct scan_fault fault;

    if (payload.len == 0 || scan_json(payload, NULL, &root, &fault))
        return true;
    invoke_refuse(ret_refusal, 400, bad_content,
                  "Could not parse request body into json: %s at byte %zu", fault.why,
                  fault.offset);
    return false;
}

bool invoke_read(const struct invoke_request *request, struct buf *ret_context,
                 struct invoke_call *ret_call, struct invoke_refusal *ret_refusal)
{
    *ret_call = (struct invoke_call){0};
    *ret_refusal = (struct invoke_refusal){0};
    if (!read_parameters(request, ret_call, ret_refusal) ||
        !check_size(request, ret_call->type, ret_refusal) ||
        !read_context(request->context, ret_context, ret_refusal) ||
        !check_payload(request->payload, ret_refusal)) {
        buf_clear(ret_context);
        return false;
    }
    ret_call->context = buf_bytes(ret_context);
    return true;
}

/* --- the payload -------------------------------------------------------------------- */

static bool is_event(enum scan_kind kind)
{
    return kind == SCAN_OBJECT || kind == SCAN_ARRAY;
}

/* A track event has a member "event" as well: its name, a text. */
static bool open_envelope(struct bytes payload, struct bytes *ret_event,
                          struct bytes *ret_settings)
{
    struct scan_span event, settings;

    if (!scan_find(payload, BYTES("event"), &event) || !is_event(event.kind) ||
        !scan_find(payload, BYTES("settings"), &settings) || settings.kind != SCAN_OBJECT)
        return false;
    *ret_event = event.text;
    *ret_settings = settings.text;
    return true;
}

static void merge(struct json *settings, struct bytes over)
{
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    if (over.len > 0 && json_parse(over, &json, &err) == 0 &&
        json_kind(json) == JSON_OBJECT)
        json_merge(settings, json);
}

bool invoke_unwrap(struct bytes payload, struct bytes base, struct bytes context,
                   struct bytes *ret_event, struct buf *ret_settings)
{
    cleanup(json_freep) struct json *settings = json_object();
    struct bytes own = BYTES("");
    struct scan_span root;
    struct scan_fault fault;

    if (payload.len == 0)
        payload = BYTES("{}");
    if (!scan_json(payload, NULL, &root, &fault) || !is_event(root.kind))
        return false;
    if (root.kind == SCAN_ARRAY || !open_envelope(root.text, ret_event, &own))
        *ret_event = root.text;
    merge(settings, base);
    merge(settings, own);
    merge(settings, context);
    buf_clear(ret_settings);
    return json_print(settings, /* indented= */ false, ret_settings) == 0;
}
