/* SPDX-License-Identifier: MIT */

#include "segment/basic.h"

#include "base/base64.h"
#include "base/secret.h"

/* Takes "Basic" and the spaces after it off @header. */
static bool take_scheme(struct bytes *header)
{
    struct bytes scheme = bytes_take_until(header, ' ');

    if (!bytes_eq_nocase(scheme, BYTES("Basic")))
        return false;
    *header = bytes_trim(*header);
    return header->len > 0;
}

static bool is_visible(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return false;
    }
    return text.len > 0;
}

/* A key that was sent without the colon, or without base64 at all. */
static enum basic_verdict parse_raw(struct bytes token, struct bytes decoded,
                                    struct bytes *ret_key, struct bytes *ret_raw)
{
    if (!is_visible(token))
        return BASIC_MALFORMED;
    *ret_raw = token;
    *ret_key = is_visible(decoded) ? decoded : token;
    return BASIC_KEY;
}

enum basic_verdict basic_parse(struct bytes header, bool lenient, struct buf *scratch,
                               struct bytes *ret_key, struct bytes *ret_raw)
{
    struct bytes decoded = {0};

    *ret_key = bytes_of(NULL, 0);
    *ret_raw = bytes_of(NULL, 0);
    buf_clear(scratch);
    header = bytes_trim(header);
    if (header.len == 0)
        return BASIC_ABSENT;
    if (!take_scheme(&header))
        return BASIC_MALFORMED;
    if (base64_decode(header, scratch))
        decoded = buf_bytes(scratch);
    if (bytes_ends(decoded, BYTES(":"))) {
        *ret_key = bytes_slice(decoded, 0, decoded.len - 1);
        return BASIC_KEY;
    }
    /* A colon elsewhere means a password, which no Segment key has. */
    if (!lenient || bytes_index(decoded, ':') < decoded.len)
        return BASIC_MALFORMED;
    return parse_raw(header, decoded, ret_key, ret_raw);
}

int basic_format(struct bytes key, struct buf *ret_header)
{
    struct buf text;
    int answer;

    buf_init(&text, key.len + 1);
    (void)buf_add(&text, key);
    (void)buf_add_char(&text, ':');
    answer = buf_add_text(ret_header, "Basic ");
    if (answer == 0)
        answer = base64_encode(buf_bytes(&text), ret_header);
    secret_wipe(text.ptr, text.len);
    buf_done(&text);
    return answer;
}
