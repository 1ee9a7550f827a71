/* SPDX-License-Identifier: MIT */

#include "lambda/library/result.h"

#include "segment/invoke.h"
#include "json/scan.h"

/* The settings are merged out of three texts, none longer than a payload. */
enum { SETTINGS_BYTES = 2 * RUNTIME_PAYLOAD_BYTES };

static bool fail(struct runtime_failure *ret_failure, const char *type,
                 const char *message)
{
    *ret_failure = (struct runtime_failure){
        .type = bytes_str(type),
        .message = bytes_str(message),
    };
    return false;
}

static bool unwrap(struct partnerapp_result *result, const struct runtime_next *next,
                   struct bytes base, struct runtime_failure *ret_failure)
{
    struct partnerapp_payload *payload = &result->payload;
    cleanup(buf_done) struct buf settings = {.max_bytes = SETTINGS_BYTES};
    struct bytes event;

    if (!invoke_unwrap(next->payload, base, next->client_context, &event, &settings))
        return fail(
            ret_failure, "InvalidEventPayload",
            "the payload is neither an event nor {event, settings}: it is no JSON "
            "object");
    if (scan_span_of(event).kind != SCAN_OBJECT)
        return fail(ret_failure, "InvalidEventPayload",
                    "the payload is a list; this function takes one event at a time");
    payload->event = arena_copy(&result->arena, event);
    payload->event_len = event.len;
    payload->settings = arena_copy(&result->arena, buf_bytes(&settings));
    payload->settings_len = settings.len;
    return true;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

bool result_begin(struct partnerapp_result *result, const struct runtime_next *next,
                  struct bytes settings, struct runtime_failure *ret_failure)
{
    struct partnerapp_payload *payload = &result->payload;

    *result = (struct partnerapp_result){.sender = result->sender};
    arena_init(&result->arena);
    if (!unwrap(result, next, settings, ret_failure))
        return false;
    payload->api_key = or_empty(partnerapp_setting_text(result, "apiKey"));
    payload->type = or_empty(partnerapp_event_text(result, "type"));
    payload->message_id = or_empty(partnerapp_event_text(result, "messageId"));
    payload->request_id = arena_copy(&result->arena, next->request_id);
    payload->deadline_ms = next->deadline_ms;
    return true;
}

void result_done(struct partnerapp_result *result)
{
    arena_done(&result->arena);
}

void partnerapp_return(struct partnerapp_result *result, const char *json)
{
    result->json = json != NULL ? arena_text(&result->arena, json) : NULL;
}

int partnerapp_fail(struct partnerapp_result *result, enum partnerapp_outcome outcome,
                    const char *message)
{
    result->message = message != NULL ? arena_text(&result->arena, message) : NULL;
    return (int)outcome;
}

static bool deliver(struct partnerapp_result *result, struct bytes *ret_json,
                    struct runtime_failure *ret_failure)
{
    struct scan_span root;
    struct scan_fault fault;

    *ret_json = result->json != NULL ? bytes_str(result->json) : BYTES("null");
    if (ret_json->len > INVOKE_SYNC_BYTES)
        return fail(ret_failure, "Error",
                    arena_printf(&result->arena,
                                 "the event was delivered, but partnerapp_return was "
                                 "given %zu bytes, and Lambda takes %d",
                                 ret_json->len, (int)INVOKE_SYNC_BYTES));
    if (scan_json(*ret_json, NULL, &root, &fault))
        return true;
    return fail(ret_failure, "Error",
                arena_printf(&result->arena,
                             "the event was delivered, but partnerapp_return was given "
                             "what is no JSON: %s at byte %zu",
                             fault.why, fault.offset));
}

bool result_end(struct partnerapp_result *result, int outcome, struct bytes *ret_json,
                struct runtime_failure *ret_failure)
{
    struct arena *arena = &result->arena;
    const char *type = "Error", *message = "the event was not delivered";

    switch (outcome) {
    case PARTNERAPP_DELIVERED:
        return deliver(result, ret_json, ret_failure);
    case PARTNERAPP_RETRY:
        type = "RetryError";
        message = "the event is to be tried again later";
        break;
    case PARTNERAPP_NOT_SUPPORTED:
        type = "EventNotSupported";
        message =
            arena_printf(arena, "%s not supported",
                         *result->payload.type != '\0' ? result->payload.type
                                                       : "an event without a type is");
        break;
    case PARTNERAPP_INVALID:
        type = "ValidationError";
        message = "the event or the settings are not valid";
        break;
    case PARTNERAPP_FAILED:
        break;
    default:
        message = arena_printf(
            arena, "partnerapp_process returned %d, which is no outcome", outcome);
    }
    return fail(ret_failure, type, result->message != NULL ? result->message : message);
}
