/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libpartnerapp - a Segment destination in C, as an AWS Lambda.
 *
 * Write one function, partnerapp_process, and link with `pkg-config --libs partnerapp`:
 * the library has main() and speaks Lambda's Runtime API. `partnerapp lambda package
 * --handler ./program -o out.zip` makes the zip; `partnerapp lambda serve --command
 * ./program` runs it here.
 *
 *     #include <partnerapp.h>
 *
 *     int partnerapp_process(const struct partnerapp_payload *payload,
 *                            struct partnerapp_result *result)
 *     {
 *         if (strcmp(payload->type, "track") != 0)
 *             return PARTNERAPP_NOT_SUPPORTED;
 *         return partnerapp_post(result, "https://api.example.com/events", NULL,
 * payload->event);
 *     }
 *
 * One invocation at a time, in one thread. Everything in a payload lives until the
 * function returns. The interface is stable within a major version (the soname): members
 * are only added at the end.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What partnerapp_process returns. Segment tries PARTNERAPP_RETRY again, the others not
 * (its rules for lambdas). */
enum partnerapp_outcome {
    PARTNERAPP_DELIVERED = 0, /* answer the result */
    PARTNERAPP_RETRY,         /* errorType RetryError */
    PARTNERAPP_NOT_SUPPORTED, /* EventNotSupported */
    PARTNERAPP_INVALID,       /* ValidationError */
    PARTNERAPP_FAILED,        /* Error, or what partnerapp_fail named */
};

struct partnerapp_payload {
    const char *event; /* JSON text, NUL-terminated: the event itself */
    size_t event_len;
    const char
        *settings; /* JSON object's text: the customer's; "{}" when there are none */
    size_t settings_len;
    const char *api_key;    /* settings.apiKey; "" when there is none */
    const char *type;       /* "track", "identify" …; "" when the event has none */
    const char *message_id; /* "" when it has none */
    const char *request_id; /* Lambda's */
    int64_t deadline_ms;    /* Unix time in ms; return before */
};

struct partnerapp_result; /* opaque */

/* Yours. */
int partnerapp_process(const struct partnerapp_payload *payload,
                       struct partnerapp_result *result);

/* What is answered when PARTNERAPP_DELIVERED is returned: JSON text, copied; else null.
 */
void partnerapp_return(struct partnerapp_result *result, const char *json);
/* Why it failed, for people; copied. @type NULL: the outcome's own. Returns
 * PARTNERAPP_FAILED, so that `return partnerapp_fail(…)` reads well. */
int partnerapp_fail(struct partnerapp_result *result, const char *type,
                    const char *message);

/* The text of a member of the event: "userId", "properties.plan", "traits.email"; a
 * number or a boolean as JSON writes it. NULL when there is none or it is an object or a
 * list. Lives as long as the payload. */
const char *partnerapp_event_text(struct partnerapp_result *result, const char *path);
const char *partnerapp_setting_text(struct partnerapp_result *result, const char *path);

/* A JSON text of @text with its quotes, for building bodies. Lives until the end of the
 * invocation. */
const char *partnerapp_quote(struct partnerapp_result *result, const char *text);

/*
 * POSTs @json to @url (https, or http to this machine), with "Authorization:
 * @authorization" unless NULL, before the deadline. The outcome follows the status as
 * everywhere in partnerapp: 2xx DELIVERED; 408, 423, 429, 5xx and no answer RETRY; 501
 * NOT_SUPPORTED; else FAILED, with the status in the message.
 */
int partnerapp_post(struct partnerapp_result *result, const char *url,
                    const char *authorization, const char *json);

/* Runs the Runtime API's loop; the library's main() is this. Never returns 0. */
int partnerapp_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
