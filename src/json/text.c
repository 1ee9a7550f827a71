/* SPDX-License-Identifier: MIT */

#include "json/text.h"

#include <endian.h>

#include "base/utf8.h"

/* The byte @c in each of a word's eight bytes. */
#define EIGHT(c) (UINT64_C(0x0101010101010101) * (uint8_t)(c))

/*
 * The high bit of a byte is set when that byte is not plain. Subtraction borrows only out
 * of a byte that is itself not plain, so the lowest set bit is always a true one.
 */
static uint64_t not_plain(uint64_t word)
{
    uint64_t below_space = word - EIGHT(0x20);
    uint64_t is_quote = (word ^ EIGHT('"')) - EIGHT(1);
    uint64_t is_backslash = (word ^ EIGHT('\\')) - EIGHT(1);

    return (word | below_space | is_quote | is_backslash) & EIGHT(0x80);
}

/* Many bytes at once, where the machine can: a signed byte below a space is a control
 * character or no ASCII. */
typedef int8_t sixteen __attribute__((vector_size(16)));

static sixteen not_plain_of(const char *ptr)
{
    sixteen bytes;

    memcpy(&bytes, ptr, sizeof(bytes));
    return (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
}

static bool is_all_plain(sixteen not_plain)
{
    uint64_t halves[2];

    memcpy(halves, &not_plain, sizeof(halves));
    return (halves[0] | halves[1]) == 0;
}

/* Where in the word at @ptr the first byte is that is not plain, its length: nowhere. */
static size_t word_plain_len(const char *ptr)
{
    uint64_t word;
    uint64_t found;

    memcpy(&word, ptr, sizeof(word));
    found = not_plain(le64toh(word));
    return found != 0 ? (size_t)__builtin_ctzll(found) / 8 : sizeof(word);
}

size_t text_plain_len(const char *ptr, size_t len)
{
    /* Between quotes most runs are short. */
    size_t at = len >= sizeof(uint64_t) ? word_plain_len(ptr) : 0;

    if (at > 0 && at < sizeof(uint64_t))
        return at;
    while (
        len - at >= 2 * sizeof(sixteen) &&
        is_all_plain(not_plain_of(ptr + at) | not_plain_of(ptr + at + sizeof(sixteen))))
        at += 2 * sizeof(sixteen);
    for (size_t n; len - at >= sizeof(uint64_t); at += n) {
        n = word_plain_len(ptr + at);
        if (n < sizeof(uint64_t))
            return at + n;
    }
    while (at < len && not_plain((uint8_t)ptr[at] | EIGHT('a') << 8) == 0)
        at++;
    return at;
}

size_t text_sequence_len(const char *ptr, size_t len)
{
    return utf8_sequence_len(ptr, len);
}

uint32_t text_take_point(struct bytes *text)
{
    static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const uint8_t *bytes = (const uint8_t *)text->ptr;
    size_t len = utf8_announced_len(bytes[0]);
    uint32_t point;

    if (len == 0 || len > text->len)
        len = 1;
    point = bytes[0] & first_bits[len];
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (bytes[i] & 0x3f);
    *text = bytes_of(text->ptr + len, text->len - len);
    return point;
}

size_t text_encode(uint32_t point, char ret_sequence[TEXT_SEQUENCE_MAX])
{
    static const uint8_t first_mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = len - 1; i > 0; i--) {
        ret_sequence[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    ret_sequence[0] = (char)(first_mark[len] | point);
    return len;
}

static char short_escape(uint32_t point)
{
    switch (point) {
    case '"':
    case '\\':
        return (char)point;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

size_t text_escape(uint32_t point, char ret_escape[TEXT_ESCAPE_MAX])
{
    static const char digits[] = "0123456789abcdef";
    char letter = short_escape(point);

    ret_escape[0] = '\\';
    if (letter != '\0') {
        ret_escape[1] = letter;
        return 2;
    }
    if (point >= 0x20 && !text_is_surrogate(point))
        return 0;
    ret_escape[1] = 'u';
    for (size_t i = 0; i < 4; i++)
        ret_escape[2 + i] = digits[point >> (12 - 4 * i) & 15];
    return TEXT_ESCAPE_MAX;
}
