/* SPDX-License-Identifier: MIT */

#include "core/query_text.h"

static bool has_star_first(struct bytes pattern)
{
    return pattern.len > 0 && pattern.ptr[0] == '*';
}

static bool has_star_last(struct bytes pattern)
{
    return pattern.len > 0 && pattern.ptr[pattern.len - 1] == '*';
}

bool query_text_has_star(struct bytes pattern)
{
    return has_star_first(pattern) || has_star_last(pattern);
}

bool query_text_matches(struct bytes pattern, struct bytes text)
{
    bool any_front = has_star_first(pattern);
    bool any_back = has_star_last(pattern);
    struct bytes core = pattern;

    if (text.len == 0)
        return false;
    if (any_front)
        core = bytes_slice(core, 1, core.len);
    if (any_back && core.len > 0)
        core.len--;
    if (any_front && any_back)
        return bytes_find(text, core) < text.len;
    if (any_front)
        return bytes_ends(text, core);
    return any_back ? bytes_starts(text, core) : bytes_eq(text, core);
}

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool query_text_contains(struct bytes text, struct bytes word)
{
    if (word.len == 0)
        return true;
    for (size_t at = 0; at + word.len <= text.len; at++) {
        if (fold(text.ptr[at]) == fold(word.ptr[0]) &&
            bytes_eq_nocase(bytes_of(text.ptr + at, word.len), word))
            return true;
    }
    return false;
}
