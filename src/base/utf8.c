/* SPDX-License-Identifier: MIT */

#include "base/utf8.h"

static bool is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The second byte's range excludes long forms, surrogates and what lies above U+10FFFF.
 */
static bool second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return is_tail(second);
    }
}

size_t utf8_announced_len(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (first < 0xe0)
        return 2;
    return first < 0xf0 ? 3 : 4;
}

size_t utf8_sequence_len(const char *ptr, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)ptr;
    size_t wanted = len > 0 ? utf8_announced_len(bytes[0]) : 0;

    if (wanted > len || (wanted > 1 && !second_fits(bytes[0], bytes[1])))
        return 0;
    for (size_t i = 2; i < wanted; i++) {
        if (!is_tail(bytes[i]))
            return 0;
    }
    return wanted;
}
