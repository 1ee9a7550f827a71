/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * invoke - a call of Lambda's Invoke as it comes over HTTP, and what it means (dossier
 * §5.2, §5.4). Pure: the local Segment's endpoint and `lambda serve` both read with it.
 *
 *   POST /2015-03-31/functions/{name}/invocations
 *   X-Amz-Invocation-Type, X-Amz-Log-Type, X-Amz-Client-Context: base64 of JSON
 */

#include "base/buf.h"

enum {
    INVOKE_SYNC_BYTES = 6 << 20, /* of a payload, and of a result */
    INVOKE_ASYNC_BYTES = 1 << 20,
    INVOKE_CONTEXT_BYTES = 3583, /* encoded */
    INVOKE_NAME_LEN = 64,
    INVOKE_TAIL_BYTES = 4096, /* of a log, before it is encoded */
};

enum invoke_type { INVOKE_REQUEST_RESPONSE = 0, INVOKE_EVENT, INVOKE_DRY_RUN };

/* The headers and the body; a slice with a NULL ptr: the header is absent. */
struct invoke_request {
    struct bytes name; /* between functions/ and /invocations, decoded */
    struct bytes type, log_type, context;
    struct bytes payload; /* empty means {} */
};

struct invoke_call {
    struct bytes name; /* bare: "fn" of "fn", "fn:alias", "acct:function:fn", an ARN */
    struct bytes qualifier; /* "alias"; empty: none */
    enum invoke_type type;
    bool wants_tail;
    struct bytes context; /* decoded JSON object's text, in @ret_context; empty: none */
};

/* Why not. Zero: nothing to refuse. */
struct invoke_refusal {
    int status;
    const char *type; /* X-Amzn-ErrorType: "InvalidRequestContentException" */
    char message[256];
};

/* False with @ret_refusal: 400 for a bad name, type, log type, context or payload, 413
 * for one too large. What is refused never reaches a function (case 69). @ret_context is
 * cleared first, and empty then; INVOKE_CONTEXT_BYTES of room are enough. */
must_check
bool invoke_read(const struct invoke_request *request, struct buf *ret_context,
                 struct invoke_call *ret_call, struct invoke_refusal *ret_refusal);
/* Sets a refusal of another kind: 404, 429, 502 …; the message is cut to fit. */
printf_like(4, 5) void invoke_refuse(struct invoke_refusal *refusal, int status,
                                     const char *type, const char *format, ...);
/* {"Type":"User","Message":…}; "Service" from 500 on. */
void invoke_write_refusal(const struct invoke_refusal *refusal, struct buf *ret_body);

/*
 * The event and the settings of a payload: {event, settings, version} has both, anything
 * else is a bare event (or a list of them). Settings come from @base (of the environment;
 * may be empty), then the payload's, then @context, later ones winning member by member.
 * *ret_event points into @payload (empty: it is {}); *ret_settings is always an object,
 * and what of @base and @context is none counts for nothing. False: @payload is no JSON
 * object or list, or the settings do not fit.
 */
must_check
bool invoke_unwrap(struct bytes payload, struct bytes base, struct bytes context,
                   struct bytes *ret_event, struct buf *ret_settings);
