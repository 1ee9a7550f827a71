/* SPDX-License-Identifier: MIT */

#include "emulator/pages/posted.h"

#include "base/err.h"
#include "base/form.h"
#include "emulator/frame/exchange.h"
#include "json/compact.h"
#include "json/scan.h"

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

int posted_object(struct exchange *exchange, const char *name, struct bytes *ret_json,
                  struct err *err)
{
    const struct bytes text = posted_text(exchange, name);
    cleanup(buf_done) struct buf compact = {0};
    struct scan_span root;
    struct scan_fault fault;

    if (!scan_json(text, NULL, &root, &fault))
        return err_set(err, "that is not JSON: %s at byte %zu", fault.why, fault.offset);
    if (root.kind != SCAN_OBJECT)
        return err_set(err, "that is not a JSON object");
    buf_init(&compact, text.len + 1);
    compact_print(text, &compact);
    *ret_json = bytes_of(arena_copy(&exchange->arena, buf_bytes(&compact)), compact.len);
    return 0;
}
