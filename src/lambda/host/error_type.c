/* SPDX-License-Identifier: MIT */

#include "lambda/host/error_type.h"

#include <stdio.h>

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char lower = (char)(name.ptr[i] | 0x20);

        if (lower < 'a' || lower > 'z')
            return false;
    }
    return name.len >= 2 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z';
}

void error_type_of(struct bytes header, char ret_type[ERROR_TYPE_BYTES])
{
    struct bytes name = header;
    const struct bytes family = bytes_take_until(&name, '.');
    const bool is_runtime = bytes_eq(family, BYTES("Runtime"));

    if ((is_runtime || bytes_eq(family, BYTES("Function"))) && is_name(name) &&
        header.len < ERROR_TYPE_BYTES)
        snprintf(ret_type, ERROR_TYPE_BYTES, "%.*s", BYTES_FMT(header));
    else
        snprintf(ret_type, ERROR_TYPE_BYTES, "%s.Unknown",
                 is_runtime ? "Runtime" : "Function");
}
