/* SPDX-License-Identifier: MIT */

#include "service/access/next.h"

#include "base/form.h"

static void add_parameter(void *arg, struct bytes name, struct bytes value)
{
    struct buf *text = arg;
    cleanup(buf_done) struct buf encoded = {0};

    buf_init(&encoded, NEXT_BYTES);
    buf_add_char(text, bytes_index(buf_bytes(text), '?') < text->len ? '&' : '?');
    if (form_encode(name, FORM_SPACE_PERCENT, &encoded) != 0 ||
        buf_add_char(&encoded, '=') != 0 ||
        form_encode(value, FORM_SPACE_PERCENT, &encoded) != 0)
        text->full = true;
    buf_add(text, buf_bytes(&encoded));
}

static void add_path(struct bytes path, struct buf *text)
{
    path = bytes_slice(path, 1, path.len);
    buf_add_char(text, '/');
    while (path.len > 0) {
        struct bytes rest = path;

        form_encode(bytes_take_until(&rest, '/'), FORM_SPACE_PERCENT, text);
        if (rest.len > 0)
            buf_add_char(text, '/');
        path = rest;
    }
}

void next_to_login(const struct server_request *request, struct buf *ret_location)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, NEXT_BYTES);
    add_path(server_path(request), &text);
    server_each_query(request, add_parameter, &text);
    buf_add_text(ret_location, "/login");
    if (text.full || text.len <= 1)
        return;
    buf_add_text(ret_location, "?next=");
    form_encode(buf_bytes(&text), FORM_SPACE_PERCENT, ret_location);
}

struct bytes next_ours(struct bytes text)
{
    bool is_ours = text.len > 0 && text.len <= NEXT_BYTES && text.ptr[0] == '/' &&
                   !bytes_starts(text, BYTES("//"));

    for (size_t i = 0; i < text.len; i++)
        is_ours =
            is_ours && text.ptr[i] > ' ' && text.ptr[i] < 0x7f && text.ptr[i] != '\\';
    return is_ours ? text : BYTES("/");
}
