/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * error_body - a failure as Lambda's Runtime API wants it (dossier §5.5): the type for
 * the header Lambda-Runtime-Function-Error-Type and the body beside it. Pure.
 */

#include "base/buf.h"

struct client_header;
struct runtime_failure;

enum {
    ERROR_BODY_TYPE_BYTES = 128,
    ERROR_BODY_BYTES = 1 << 20, /* of the body; longer texts are cut before */
};

/*
 * "Function.EventNotSupported" of "EventNotSupported"; a type that has Lambda's shape
 * already ("Runtime.ExitError") stays; one that would not fit
 * (Runtime|Function)\.[A-Z][a-zA-Z]+ is "Function.Unknown".
 */
void error_body_type(struct bytes type, char ret_text[ERROR_BODY_TYPE_BYTES]);
/* {"errorMessage":…,"errorType":…,"stackTrace":[…]}, a stack's line each; the type as the
 * failure names it, "Error" when it has none. @ret_body has ERROR_BODY_BYTES. */
void error_body_write(const struct runtime_failure *failure, struct buf *ret_body);
/* The two header fields of an error's post; they point to @type. */
void error_body_headers(const char *type, struct client_header *ret_headers);
