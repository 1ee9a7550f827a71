/* SPDX-License-Identifier: MIT */

#include "segment/pattern.h"

#include <regex.h>

#include "base/buf.h"

/* The POSIX form of a pattern, as it grows. */
struct translation {
    struct buf out;
    struct bytes rest;
    bool is_in_brackets;
    bool has_hyphen; /* an escaped one: it goes last, where it is no range */
};

static const struct {
    char letter;
    const char *alone, *inside; /* inside brackets; NULL: cannot be said there */
} classes[] = {
    {'d', "[0-9]", "0-9"},
    {'D', "[^0-9]", NULL},
    {'w', "[A-Za-z0-9_]", "A-Za-z0-9_"},
    {'W', "[^A-Za-z0-9_]", NULL},
    {'s', "[[:space:]]", "[:space:]"},
    {'S', "[^[:space:]]", NULL},
};

static char next(struct translation *translation)
{
    const char c = translation->rest.ptr[0];

    translation->rest = bytes_slice(translation->rest, 1, translation->rest.len);
    return c;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A backslash and what is no class. A letter there means something we do not know. */
static bool add_literal(struct translation *translation, char c)
{
    if (is_letter_or_digit(c))
        return false;
    if (!translation->is_in_brackets) {
        buf_add_char(&translation->out, '\\');
        buf_add_char(&translation->out, c);
    } else if (c == '-') {
        translation->has_hyphen = true;
    } else {
        buf_add_char(&translation->out, c);
    }
    return true;
}

static bool add_escape(struct translation *translation)
{
    char c;

    if (translation->rest.len == 0)
        return false;
    c = next(translation);
    for (size_t i = 0; i < COUNT(classes); i++) {
        const char *text =
            translation->is_in_brackets ? classes[i].inside : classes[i].alone;

        if (classes[i].letter != c)
            continue;
        if (text != NULL)
            buf_add_text(&translation->out, text);
        return text != NULL;
    }
    return add_literal(translation, c);
}

/* "(?:" is "(" here, where nobody asks for groups. */
static bool add_group(struct translation *translation)
{
    buf_add_char(&translation->out, '(');
    if (!bytes_starts(translation->rest, BYTES("?")))
        return true;
    if (!bytes_starts(translation->rest, BYTES("?:")))
        return false;
    translation->rest = bytes_slice(translation->rest, 2, translation->rest.len);
    return true;
}

static void close_brackets(struct translation *translation)
{
    if (translation->has_hyphen)
        buf_add_char(&translation->out, '-');
    translation->has_hyphen = false;
    translation->is_in_brackets = false;
    buf_add_char(&translation->out, ']');
}

static bool translate_one(struct translation *translation)
{
    const char c = next(translation);

    if (c == '\\')
        return add_escape(translation);
    if (c == ']' && translation->is_in_brackets) {
        close_brackets(translation);
        return true;
    }
    if (c == '(' && !translation->is_in_brackets)
        return add_group(translation);
    if (c == '[' && !translation->is_in_brackets)
        translation->is_in_brackets = true;
    return buf_add_char(&translation->out, c) == 0;
}

static bool translate(struct translation *translation)
{
    while (translation->rest.len > 0) {
        if (!translate_one(translation))
            return false;
    }
    return !translation->out.full;
}

static bool matches(const regex_t *regex, struct bytes text)
{
    regmatch_t span = {.rm_so = 0, .rm_eo = (regoff_t)text.len};
    cleanup(freep) char *copy = NULL;

    if (text.len > PATTERN_TEXT_BYTES)
        return false;
    copy = bytes_copy(text); /* with an end: not every regexec heeds REG_STARTEND alone */
    return regexec(regex, copy, 1, &span, REG_STARTEND) == 0;
}

enum pattern_verdict pattern_match(struct bytes pattern, struct bytes text)
{
    struct translation translation = {.rest = pattern};
    enum pattern_verdict verdict = PATTERN_INVALID;
    regex_t regex;

    if (pattern.len > PATTERN_BYTES || bytes_index(pattern, '\0') < pattern.len)
        return PATTERN_INVALID;
    buf_init(&translation.out, (size_t)PATTERN_BYTES * 8);
    if (translate(&translation) &&
        regcomp(&regex, buf_text(&translation.out), REG_EXTENDED) == 0) {
        verdict = matches(&regex, text) ? PATTERN_MATCHES : PATTERN_DIFFERS;
        regfree(&regex);
    }
    buf_done(&translation.out);
    return verdict;
}
