/* SPDX-License-Identifier: MIT */
#include "js/utf16.h"

#include <string.h>

#include "base/mem.h"

/* Most text is ASCII, of which a block is converted in a few instructions. */
enum { REPLACEMENT = 0xfffd, BLOCK = 16 };

void utf16_done(struct utf16 *utf16)
{
    free(utf16->units);
    *utf16 = (struct utf16){0};
}

/* The range that the second byte must lie in, which excludes overlong forms, surrogates
 * and what is above U+10FFFF (the Unicode standard's table 3-7). */
static bool is_second(unsigned lead, unsigned byte)
{
    if (lead == 0xe0)
        return byte >= 0xa0 && byte <= 0xbf;
    if (lead == 0xed)
        return byte >= 0x80 && byte <= 0x9f;
    if (lead == 0xf0)
        return byte >= 0x90 && byte <= 0xbf;
    if (lead == 0xf4)
        return byte >= 0x80 && byte <= 0x8f;
    return byte >= 0x80 && byte <= 0xbf;
}

static unsigned n_following(unsigned lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return 1;
    if (lead >= 0xe0 && lead <= 0xef)
        return 2;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 3;
    return 0;
}

/* One character at *at, which moves; a maximal malformed part counts as one. */
static uint32_t take_point(struct bytes text, size_t *at)
{
    unsigned lead = (unsigned char)text.ptr[(*at)++];
    unsigned n = n_following(lead);
    uint32_t point = lead & (0x3fu >> n);

    if (lead < 0x80)
        return lead;
    if (n == 0)
        return REPLACEMENT;
    for (unsigned i = 0; i < n; i++) {
        unsigned byte = *at < text.len ? (unsigned char)text.ptr[*at] : 0;

        if (i == 0 ? !is_second(lead, byte) : (byte & 0xc0) != 0x80)
            return REPLACEMENT;
        point = point << 6 | (byte & 0x3f);
        (*at)++;
    }
    return point;
}

/* False when it is not ASCII. The loop without a condition is what compilers turn into
 * one instruction or two. */
static bool widen_block(const char *restrict bytes, uint16_t *restrict to)
{
    uint64_t words[BLOCK / 8];

    memcpy(words, bytes, sizeof(words));
    if (((words[0] | words[1]) & 0x8080808080808080) != 0)
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        to[i] = (uint8_t)bytes[i];
    return true;
}

static bool narrow_block(const uint16_t *restrict units, char *restrict to)
{
    uint64_t words[BLOCK / 4];

    memcpy(words, units, sizeof(words));
    if (((words[0] | words[1] | words[2] | words[3]) & 0xff80ff80ff80ff80) != 0)
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        to[i] = (char)units[i];
    return true;
}

bool utf16_is_ascii(struct bytes utf8)
{
    uint64_t all = 0;
    size_t at = 0;

    for (; utf8.len - at >= sizeof(all); at += sizeof(all)) {
        uint64_t word;

        memcpy(&word, utf8.ptr + at, sizeof(word));
        all |= word;
    }
    for (; at < utf8.len; at++)
        all |= (unsigned char)utf8.ptr[at];
    return (all & 0x8080808080808080) == 0;
}

void utf16_decode(struct utf16 *utf16, struct bytes utf8)
{
    size_t at = 0;

    if (utf16->capacity < utf8.len + 1) {
        utf16->units = mem_grow(utf16->units, utf8.len + 1, sizeof(*utf16->units));
        utf16->capacity = utf8.len + 1;
    }
    utf16->n_units = 0;
    while (at < utf8.len) {
        uint16_t *to = utf16->units + utf16->n_units;
        uint32_t point;

        if (utf8.len - at >= BLOCK && widen_block(utf8.ptr + at, to)) {
            at += BLOCK;
            utf16->n_units += BLOCK;
            continue;
        }
        point = take_point(utf8, &at);
        if (point >= 0x10000) {
            utf16->units[utf16->n_units++] = (uint16_t)(0xd7c0 + (point >> 10));
            point = 0xdc00 | (point & 0x3ff);
        }
        utf16->units[utf16->n_units++] = (uint16_t)point;
    }
}

static size_t put_point(char *to, uint32_t point)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        to[0] = (char)(0xc0 | point >> 6);
        to[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = (char)(0xe0 | point >> 12);
        to[1] = (char)(0x80 | (point >> 6 & 0x3f));
        to[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | point >> 18);
    to[1] = (char)(0x80 | (point >> 12 & 0x3f));
    to[2] = (char)(0x80 | (point >> 6 & 0x3f));
    to[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

static uint32_t take_unit(const uint16_t *units, size_t n_units, size_t *at)
{
    uint32_t unit = units[(*at)++];

    if ((unit & 0xf800) != 0xd800)
        return unit;
    if (unit >= 0xdc00 || *at == n_units || (units[*at] & 0xfc00) != 0xdc00)
        return REPLACEMENT;
    return 0x10000 + ((unit & 0x3ff) << 10) + (units[(*at)++] & 0x3ffu);
}

/* One character or a block of them at *at, which moves; how many bytes that takes. */
static size_t put_next(char to[BLOCK], const uint16_t *units, size_t n_units, size_t *at)
{
    if (n_units - *at < BLOCK || !narrow_block(units + *at, to))
        return put_point(to, take_unit(units, n_units, at));
    *at += BLOCK;
    return BLOCK;
}

static size_t encoded_bytes(const uint16_t *units, size_t n_units)
{
    size_t total = 0;
    char scratch[BLOCK];

    for (size_t at = 0; at < n_units;)
        total += put_next(scratch, units, n_units, &at);
    return total;
}

int utf16_encode(const uint16_t *units, size_t n_units, struct buf *out)
{
    size_t len = encoded_bytes(units, n_units);
    char *room = buf_room(out, len);
    char *to = room;

    if (room == NULL)
        return BUF_FULL;
    for (size_t at = 0; at < n_units;)
        to += put_next(to, units, n_units, &at);
    buf_grew(out, len);
    return 0;
}
