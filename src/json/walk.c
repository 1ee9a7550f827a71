/* SPDX-License-Identifier: MIT */

#include "json/walk.h"

#include "json/text.h"

static void drop(struct bytes *rest, size_t len)
{
    if (len > rest->len)
        len = rest->len;
    *rest = bytes_of(rest->ptr + len, rest->len - len);
}

void walk_space(struct bytes *rest)
{
    while (rest->len > 0 && (uint8_t)rest->ptr[0] <= ' ')
        drop(rest, 1);
}

struct bytes walk_string(struct bytes *rest)
{
    struct bytes inside = *rest;

    while (rest->len > 0) {
        drop(rest, text_plain_len(rest->ptr, rest->len));
        if (rest->len == 0 || rest->ptr[0] == '"')
            break;
        drop(rest, rest->ptr[0] == '\\' ? 2 : 1);
    }
    inside.len -= rest->len;
    drop(rest, 1);
    return inside;
}

static bool is_scalar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' ||
           c == '.' || c == 'E';
}

struct bytes walk_scalar(struct bytes *rest)
{
    struct bytes scalar = *rest;

    while (rest->len > 0 && is_scalar(rest->ptr[0]))
        drop(rest, 1);
    scalar.len -= rest->len;
    return scalar;
}

static struct bytes take_value(struct bytes *rest, bool *ret_is_spaced)
{
    struct bytes value = *rest;
    size_t depth = 0;

    *ret_is_spaced = false;
    do {
        char c = rest->len > 0 ? rest->ptr[0] : '\0';

        if (is_scalar(c)) {
            (void)walk_scalar(rest);
            continue;
        }
        drop(rest, 1);
        if (c == '"')
            (void)walk_string(rest);
        else if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && depth > 0)
            depth--;
        *ret_is_spaced |= (uint8_t)c <= ' ';
    } while (depth > 0 && rest->len > 0);
    value.len -= rest->len;
    return value;
}

struct bytes walk_value(struct bytes *rest)
{
    bool is_spaced;

    return take_value(rest, &is_spaced);
}

bool walk_member(struct bytes *rest, struct walk_member *ret_member)
{
    /* Before a key stand the brace or a comma, and white space. */
    while (rest->len > 0 && rest->ptr[0] != '"' && rest->ptr[0] != '}')
        drop(rest, 1);
    if (rest->len == 0 || rest->ptr[0] == '}')
        return false;
    drop(rest, 1);
    ret_member->key = walk_string(rest);
    walk_space(rest);
    drop(rest, 1);
    walk_space(rest);
    ret_member->value = take_value(rest, &ret_member->is_spaced);
    return true;
}

static uint32_t hex_value(char c)
{
    if (c <= '9')
        return (uint32_t)(c - '0');
    return (uint32_t)((c | 0x20) - 'a' + 10);
}

/* @inside begins at "\uXXXX". */
static uint32_t take_unit(struct bytes *inside)
{
    uint32_t unit = 0;

    for (size_t i = 2; i < 6 && i < inside->len; i++)
        unit = unit << 4 | (hex_value(inside->ptr[i]) & 15);
    drop(inside, 6);
    return unit;
}

static uint32_t take_unicode_escape(struct bytes *inside)
{
    uint32_t high = take_unit(inside);
    struct bytes ahead = *inside;
    uint32_t low;

    if (high < 0xd800 || high > 0xdbff || !bytes_starts(ahead, BYTES("\\u")))
        return high;
    low = take_unit(&ahead);
    if (low < 0xdc00 || low > 0xdfff)
        return high;
    *inside = ahead;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static uint32_t short_escape(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return (uint8_t)letter;
    }
}

uint32_t walk_point(struct bytes *inside)
{
    uint32_t point;

    if (inside->ptr[0] != '\\' || inside->len < 2)
        return text_take_point(inside);
    if (inside->ptr[1] == 'u')
        return take_unicode_escape(inside);
    point = short_escape(inside->ptr[1]);
    drop(inside, 2);
    return point;
}

bool walk_means(struct bytes inside, struct bytes text)
{
    if (bytes_index(inside, '\\') == inside.len)
        return bytes_eq(inside, text);
    while (inside.len > 0 && text.len > 0) {
        if (walk_point(&inside) != text_take_point(&text))
            return false;
    }
    return inside.len == 0 && text.len == 0;
}

/* Bytes up to the next escape, within a window: else one long and one escaped key would
 * cost the square of their length. */
static size_t literal_len(struct bytes inside)
{
    return bytes_index(bytes_slice(inside, 0, 64), '\\');
}

int walk_order(struct bytes inside_a, struct bytes inside_b)
{
    while (inside_a.len > 0 && inside_b.len > 0) {
        size_t len_a = literal_len(inside_a);
        size_t len_b = literal_len(inside_b);
        size_t len = len_a < len_b ? len_a : len_b;
        /* UTF-8 sorts as its code points do. */
        int order = memcmp(inside_a.ptr, inside_b.ptr, len);

        drop(&inside_a, len);
        drop(&inside_b, len);
        if (order == 0 && len == 0) {
            uint32_t a = walk_point(&inside_a);
            uint32_t b = walk_point(&inside_b);

            order = (a > b) - (a < b);
        }
        if (order != 0)
            return order;
    }
    return (inside_a.len > 0) - (inside_b.len > 0);
}
