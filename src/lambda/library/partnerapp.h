/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libpartnerapp - a Segment destination in C, as an AWS Lambda.
 *
 * You write one function, partnerapp_process. The library has main(), speaks Lambda's
 * Runtime API, unpacks what Segment sends and turns your answer into one that Segment
 * understands. This is a whole destination:
 *
 *     #include <partnerapp.h>
 *     #include <string.h>
 *
 *     int partnerapp_process(const struct partnerapp_payload *payload,
 *                            struct partnerapp_result *result)
 *     {
 *         if (strcmp(payload->type, "track") != 0)
 *             return PARTNERAPP_NOT_SUPPORTED;
 *         return partnerapp_post(result, "https://api.example.com/events",
 *                                payload->api_key, payload->event);
 *     }
 *
 *     cc $(pkg-config --cflags partnerapp) handler.c -o handler \
 *         $(pkg-config --libs partnerapp)
 *     partnerapp lambda serve --command ./handler              runs it on this machine
 *     partnerapp lambda package --handler ./handler -o handler.zip       for the upload
 *
 * Life: the program starts, handles one invocation after the other in one thread, and
 * never ends by itself. Every pointer that you get (from the payload, from a function
 * below) lives until partnerapp_process returns; every text that you give is copied.
 * Static variables live as long as the program, which is many invocations.
 *
 * Logs: standard output and standard error, both flushed before the answer. A crash or
 * exit() fails the invocation, and Lambda starts a new program. SIGPIPE is ignored.
 *
 * Settings: the client context of the invocation is above the payload's own settings,
 * and those above the environment variable PARTNERAPP_SETTINGS, a JSON object; member by
 * member. What Segment's customer configured comes in one of the first two.
 *
 * Memory: never NULL for want of it; the program ends instead, as on a crash. Texts are
 * UTF-8 and end with a NUL.
 *
 * Stability: within a soname (libpartnerapp.so.0) functions are only added, members only
 * added at a struct's end, and numbers never change their meaning. Never make, copy or
 * measure a struct partnerapp_payload of your own: pass on the pointer.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__
#define PARTNERAPP_PRINTF(at, from) __attribute__((__format__(__printf__, at, from)))
/* The library must find your function, also with -fvisibility=hidden. */
#pragma GCC visibility push(default)
#else
#define PARTNERAPP_PRINTF(at, from)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What partnerapp_process returns, and the errorType that Segment then sees. It tries
 * RETRY again for four hours, the others never. Any other number is a FAILED.
 */
enum partnerapp_outcome {
    PARTNERAPP_DELIVERED = 0,     /* no error: what partnerapp_return was given */
    PARTNERAPP_RETRY = 1,         /* RetryError: later it may work */
    PARTNERAPP_NOT_SUPPORTED = 2, /* EventNotSupported: nothing to do for this type */
    PARTNERAPP_INVALID = 3,       /* ValidationError: this event will never do */
    PARTNERAPP_FAILED = 4         /* Error: somebody has to look */
};

/* No pointer is NULL. */
struct partnerapp_payload {
    const char *event; /* the event, a JSON object, as sent */
    size_t event_len;
    const char *settings; /* the customer's settings, a JSON object; "{}": none */
    size_t settings_len;
    const char *api_key;    /* settings.apiKey; "" when there is none */
    const char *type;       /* "track", "identify" …, as sent; "" when there is none */
    const char *message_id; /* the same in every attempt of an event; "": none */
    const char *request_id; /* Lambda's; another one in every attempt */
    int64_t deadline_ms;    /* Unix time; an answer later than this is lost. 0: none */
};

/* An invocation in progress: what its answer will be, and the memory of what the
 * functions below hand out. */
struct partnerapp_result;

/*
 * Yours: delivers one event. Called only with a payload that is JSON and an event that is
 * an object; anything else has been refused (InvalidEventPayload).
 */
int partnerapp_process(const struct partnerapp_payload *payload,
                       struct partnerapp_result *result);

/* The answer of an invocation that ends with DELIVERED, a JSON text; without it: null.
 * Text that is no JSON makes the invocation FAILED. */
void partnerapp_return(struct partnerapp_result *result, const char *json);

/*
 * Why, for people, who read it in Segment's Event Delivery. Returns @outcome, so that
 * this reads well:
 *
 *     return partnerapp_fail(result, PARTNERAPP_INVALID, "the user has no email");
 */
int partnerapp_fail(struct partnerapp_result *result, enum partnerapp_outcome outcome,
                    const char *message);

/*
 * Reading. @path leads to a member: "userId", "properties.plan", "items.0.sku". A string
 * comes as what it means, a number or a boolean as JSON writes it. NULL: it is not there,
 * is null, an object or a list, or a string with a NUL inside, which C could not tell.
 */
const char *partnerapp_event_text(struct partnerapp_result *result, const char *path);
const char *partnerapp_setting_text(struct partnerapp_result *result, const char *path);
/* Any member of the event as JSON text, for passing it on: "properties"; "": all of it.
 * NULL: it is not there. */
const char *partnerapp_event_json(struct partnerapp_result *result, const char *path);

/*
 * Writing. A JSON string that means @text, with its quotes; "null" for NULL. Bytes that
 * are not UTF-8 become U+FFFD. And printf into memory of the invocation, for bodies:
 *
 *     partnerapp_format(result, "{\"user\":%s}", partnerapp_quote(result, user_id))
 */
const char *partnerapp_quote(struct partnerapp_result *result, const char *text);
const char *partnerapp_format(struct partnerapp_result *result, const char *format, ...)
    PARTNERAPP_PRINTF(2, 3);

/*
 * Sends @json (NULL: no body) by POST to @url, with the header "Authorization:
 * @authorization" unless that is NULL or empty, and waits for the answer. Returns what
 * the answer means, with a message as if by partnerapp_fail:
 *
 *     2xx                                      PARTNERAPP_DELIVERED
 *     408, 423, 429, 5xx but 501, no answer    PARTNERAPP_RETRY
 *     501                                      PARTNERAPP_NOT_SUPPORTED
 *     anything else, a URL or an address       PARTNERAPP_FAILED
 *     that is not allowed
 *
 * It waits until shortly before the deadline, so that you can still answer. Connections
 * stay open for the next invocation. 307 and 308 are followed once. https, with the
 * certificate verified (SSL_CERT_FILE); plain http to this machine only. Only global
 * addresses are reached, and what the environment variable PARTNERAPP_EGRESS_ALLOW names:
 * hosts, addresses and CIDRs with commas between ("127.0.0.1,10.0.0.0/8").
 */
int partnerapp_post(struct partnerapp_result *result, const char *url,
                    const char *authorization, const char *json);
/*
 * The same with any method, and headers: lines "Name: value", a NULL after the last;
 * @headers may be NULL. "Content-Type: application/json" is sent unless they have one.
 */
int partnerapp_send(struct partnerapp_result *result, const char *method, const char *url,
                    const char *const *headers, const char *body);

/* The last answer in this invocation. Its status; 0: there was none. Its body, cut after
 * 1 MiB; "": none. A member of its body, read as above; NULL also when it is no JSON. */
int partnerapp_answer_status(const struct partnerapp_result *result);
const char *partnerapp_answer_body(const struct partnerapp_result *result);
const char *partnerapp_answer_text(struct partnerapp_result *result, const char *path);

/*
 * What the library's main() calls, for programs that have a main() of their own: handles
 * invocations until the Runtime API is lost. Returns the program's exit status, which is
 * never 0. Outside of Lambda (no AWS_LAMBDA_RUNTIME_API) it says so at once.
 */
int partnerapp_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
