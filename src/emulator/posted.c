/* SPDX-License-Identifier: MIT */

#include "emulator/posted.h"

#include "base/form.h"
#include "emulator/exchange.h"

struct bytes posted_field(struct exchange *exchange, const char *name)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, exchange->body.len + 1);
    if (!form_find(exchange->body, name, &scratch, &value))
        return BYTES("");
    return bytes_of(arena_copy(&exchange->arena, value), value.len);
}

bool posted_is(struct exchange *exchange, const char *name, const char *value)
{
    return bytes_eq(posted_field(exchange, name), bytes_str(value));
}

struct bytes posted_text(struct exchange *exchange, const char *name)
{
    const struct bytes field = posted_field(exchange, name);
    char *text = arena_copy(&exchange->arena, field);
    size_t len = 0;

    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] != '\r')
            text[len++] = field.ptr[i];
    }
    return bytes_of(text, len);
}
