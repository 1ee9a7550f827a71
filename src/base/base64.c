/* SPDX-License-Identifier: MIT */

#include "base/base64.h"

/* Writes ⌈len · 4/3⌉ characters at @out: what a padding would complete to fours. */
static void encode(struct bytes bytes, const char *alphabet, char *out)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (uint8_t)bytes.ptr[i];
        for (n_bits += 8; n_bits >= 6; n_bits -= 6)
            *out++ = alphabet[bits >> (n_bits - 6) & 63];
    }
    if (n_bits > 0)
        *out = alphabet[bits << (6 - n_bits) & 63];
}

int base64_encode(struct bytes bytes, struct buf *ret_text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t len = (bytes.len + 2) / 3 * 4;
    const size_t n_padding = (3 - bytes.len % 3) % 3;
    char *out = buf_room(ret_text, len);

    if (out == NULL)
        return BUF_FULL;
    encode(bytes, alphabet, out);
    for (size_t i = len - n_padding; i < len; i++)
        out[i] = '=';
    buf_grew(ret_text, len);
    return 0;
}

int base64url_encode(struct bytes bytes, struct buf *ret_text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const size_t len = (bytes.len + 2) / 3 * 4 - (3 - bytes.len % 3) % 3;
    char *out = buf_room(ret_text, len);

    if (out == NULL)
        return BUF_FULL;
    encode(bytes, alphabet, out);
    buf_grew(ret_text, len);
    return 0;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

static bool strip_padding(struct bytes *text)
{
    size_t padding = 0;

    while (padding < 2 && text->len > padding &&
           text->ptr[text->len - padding - 1] == '=')
        padding++;
    if (padding > 0 && text->len % 4 != 0)
        return false;
    text->len -= padding;
    return text->len % 4 != 1;
}

/* The bytes of @text at @out, and how many; false at the first wrong character. */
static bool decode(struct bytes text, char *out, size_t *ret_len)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;

    *ret_len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.ptr[i]);

        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[(*ret_len)++] = (char)(bits >> n_bits & 0xff);
        }
    }
    return (bits & ((1u << n_bits) - 1)) == 0;
}

bool base64_decode(struct bytes text, struct buf *ret_bytes)
{
    size_t len;
    char *out;
    bool is_good;

    if (!strip_padding(&text))
        return false;
    out = buf_room(ret_bytes, text.len / 4 * 3 + 2);
    if (out == NULL)
        return false;
    is_good = decode(text, out, &len);
    buf_grew(ret_bytes, is_good ? len : 0);
    return is_good;
}
