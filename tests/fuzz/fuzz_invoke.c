/* SPDX-License-Identifier: MIT */

/* The input is a name, a client context and a payload, a line each. What is read has a
 * bare name and a context that is an object; what is not has a reason with a status. */

#include "fuzz/fuzz.h"
#include "segment/invoke.h"
#include "json/scan.h"

static void check_call(const struct invoke_request *request,
                       const struct invoke_call *call)
{
    struct scan_span root;
    struct scan_fault fault;

    CLAIM(call->name.len > 0 && call->name.len <= INVOKE_NAME_LEN);
    CLAIM(is_within(call->name, request->name));
    CLAIM(is_within(call->qualifier, request->name));
    CLAIM(bytes_index(call->name, ':') == call->name.len);
    CLAIM((request->context.ptr == NULL) == (call->context.len == 0));
    if (call->context.len > 0)
        CLAIM(scan_json(call->context, NULL, &root, &fault) && root.kind == SCAN_OBJECT);
}

static void check_payload(struct bytes payload, struct bytes context)
{
    struct bytes event;
    struct scan_span root;
    struct scan_fault fault;
    struct buf settings;

    buf_init(&settings, 1 << 20);
    if (invoke_unwrap(payload, BYTES("{\"a\":1}"), context, &event, &settings)) {
        CLAIM(payload.len == 0 || is_within(event, payload));
        CLAIM(scan_json(event, NULL, &root, &fault));
        CLAIM(root.kind == SCAN_OBJECT || root.kind == SCAN_ARRAY);
        CLAIM(scan_json(buf_bytes(&settings), NULL, &root, &fault));
        CLAIM(root.kind == SCAN_OBJECT);
    }
    buf_done(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_of(data, size);
    struct invoke_request request = {.name = bytes_take_until(&rest, '\n')};
    struct invoke_call call;
    struct invoke_refusal refusal;
    struct buf context;

    buf_init(&context, INVOKE_CONTEXT_BYTES);
    request.context = bytes_take_until(&rest, '\n');
    request.payload = rest;
    if (invoke_read(&request, &context, &call, &refusal)) {
        CLAIM(refusal.status == 0);
        check_call(&request, &call);
        check_payload(rest, call.context);
    } else {
        CLAIM(refusal.status == 400 && refusal.type != NULL && context.len == 0);
    }
    check_payload(rest, request.context);
    buf_done(&context);
    return 0;
}
