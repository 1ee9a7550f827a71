/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/error_body.h"

#include <stdio.h>

#include "lambda/runtime/runtime.h"
#include "net/client.h"
#include "json/write.h"

enum {
    TYPE_BYTES = 256,
    MESSAGE_BYTES = 64 << 10, /* six times that when every byte is escaped */
    STACK_BYTES = 16 << 10,
    STACK_LINES = 64,
};

/* [A-Z][a-zA-Z]+ */
static bool is_name(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (!(c >= 'A' && c <= 'Z') && !(i > 0 && c >= 'a' && c <= 'z'))
            return false;
    }
    return text.len >= 2;
}

static bool is_whole_type(struct bytes type)
{
    const struct bytes place = bytes_take_until(&type, '.');

    return (bytes_eq(place, BYTES("Runtime")) || bytes_eq(place, BYTES("Function"))) &&
           is_name(type);
}

void error_body_type(struct bytes type, char ret_text[ERROR_BODY_TYPE_BYTES])
{
    const bool is_short = type.len < ERROR_BODY_TYPE_BYTES - sizeof("Function.");

    if (is_short && is_whole_type(type))
        (void)snprintf(ret_text, ERROR_BODY_TYPE_BYTES, "%.*s", BYTES_FMT(type));
    else if (is_short && is_name(type))
        (void)snprintf(ret_text, ERROR_BODY_TYPE_BYTES, "Function.%.*s", BYTES_FMT(type));
    else
        (void)snprintf(ret_text, ERROR_BODY_TYPE_BYTES, "Function.Unknown");
}

static void write_stack(struct write *write, struct bytes stack)
{
    stack = bytes_slice(stack, 0, STACK_BYTES);
    write_key(write, "stackTrace");
    write_array(write);
    for (int n = 0; stack.len > 0 && n < STACK_LINES; n++) {
        const struct bytes line = bytes_trim(bytes_take_until(&stack, '\n'));

        if (line.len > 0)
            write_string(write, line);
    }
    write_array_end(write);
}

void error_body_write(const struct runtime_failure *failure, struct buf *ret_body)
{
    const struct bytes type = failure->type.len > 0 ? failure->type : BYTES("Error");
    struct write write;

    write_init(&write, ret_body);
    write_object(&write);
    write_member_string(&write, "errorMessage",
                        bytes_slice(failure->message, 0, MESSAGE_BYTES));
    write_member_string(&write, "errorType", bytes_slice(type, 0, TYPE_BYTES));
    write_stack(&write, failure->stack);
    write_object_end(&write);
}

void error_body_headers(const char *type, struct client_header *ret_headers)
{
    ret_headers[0] = (struct client_header){
        BYTES("Content-Type"), BYTES("application/vnd.aws.lambda.error+json")};
    ret_headers[1] = (struct client_header){BYTES("Lambda-Runtime-Function-Error-Type"),
                                            bytes_str(type)};
}
