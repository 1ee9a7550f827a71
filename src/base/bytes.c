/* SPDX-License-Identifier: MIT */

#include "base/bytes.h"

#include "base/mem.h"

static int fold(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

struct bytes bytes_slice(struct bytes b, size_t start, size_t len)
{
    if (start > b.len)
        start = b.len;
    if (len > b.len - start)
        len = b.len - start;
    return len > 0 ? bytes_of(b.ptr + start, len) : bytes_of(NULL, 0);
}

bool bytes_eq_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    }
    return true;
}

int bytes_cmp(struct bytes a, struct bytes b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.ptr, b.ptr, shared) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool bytes_starts(struct bytes b, struct bytes prefix)
{
    return b.len >= prefix.len && bytes_eq(bytes_of(b.ptr, prefix.len), prefix);
}

bool bytes_ends(struct bytes b, struct bytes suffix)
{
    return b.len >= suffix.len &&
           bytes_eq(bytes_slice(b, b.len - suffix.len, suffix.len), suffix);
}

size_t bytes_index(struct bytes b, char c)
{
    const char *found = b.len > 0 ? memchr(b.ptr, c, b.len) : NULL;

    return found != NULL ? (size_t)(found - b.ptr) : b.len;
}

size_t bytes_find(struct bytes b, struct bytes needle)
{
    if (needle.len == 0)
        return 0;
    if (b.len < needle.len)
        return b.len;
    for (size_t at = 0; at <= b.len - needle.len; at++) {
        at += bytes_index(bytes_of(b.ptr + at, b.len - at), needle.ptr[0]);
        if (at > b.len - needle.len)
            break;
        if (memcmp(b.ptr + at, needle.ptr, needle.len) == 0)
            return at;
    }
    return b.len;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct bytes bytes_trim(struct bytes b)
{
    while (b.len > 0 && is_space(b.ptr[0]))
        b = bytes_of(b.ptr + 1, b.len - 1);
    while (b.len > 0 && is_space(b.ptr[b.len - 1]))
        b.len--;
    return b;
}

struct bytes bytes_take_until(struct bytes *b, char c)
{
    size_t at = bytes_index(*b, c);
    struct bytes head = bytes_of(b->ptr, at);

    *b = at < b->len ? bytes_of(b->ptr + at + 1, b->len - at - 1) : bytes_of(NULL, 0);
    return head;
}

bool bytes_to_i64(struct bytes b, int64_t *ret_value)
{
    bool negative = b.len > 0 && b.ptr[0] == '-';
    int64_t value = 0;
    size_t i = negative ? 1 : 0;

    if (i >= b.len)
        return false;
    /* Counts downwards, because INT64_MIN has no positive twin. */
    for (; i < b.len; i++) {
        int digit = b.ptr[i] - '0';

        if (digit < 0 || digit > 9 ||
            __builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_sub_overflow(value, (int64_t)digit, &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *ret_value = negative ? value : -value;
    return true;
}

char *bytes_copy(struct bytes b)
{
    char *copy = mem_zero(b.len + 1);

    if (b.len > 0)
        memcpy(copy, b.ptr, b.len);
    return copy;
}
