/* SPDX-License-Identifier: MIT */

#include "segment/settings.h"

#include "base/base64.h"
#include "json/scan.h"

/* Leaves of the buf only what @kept spans. */
static void keep_only(struct buf *buf, struct bytes kept)
{
    size_t start = (size_t)(kept.ptr - buf->ptr);

    buf_drop_front(buf, start);
    buf->len = kept.len;
    buf->ptr[buf->len] = '\0';
}

enum settings_verdict settings_decode(struct bytes header, struct buf *ret_json)
{
    struct scan_span root;
    struct scan_fault fault;

    buf_clear(ret_json);
    header = bytes_trim(header);
    if (header.len == 0)
        return SETTINGS_ABSENT;
    if (!base64_decode(header, ret_json) ||
        !scan_json(buf_bytes(ret_json), NULL, &root, &fault) ||
        root.kind != SCAN_OBJECT) {
        buf_clear(ret_json);
        return SETTINGS_MALFORMED;
    }
    keep_only(ret_json, root.text);
    return SETTINGS_GOOD;
}

int settings_encode(struct bytes json, struct buf *ret_header)
{
    return base64_encode(json, ret_header);
}
