/* SPDX-License-Identifier: MIT */

#include "segment/label.h"

#include "json/text.h"

enum letter {
    LETTER_NONE = 0, /* it divides words */
    LETTER_DIGIT,
    LETTER_LOWER,
    LETTER_UPPER,
    LETTER_OTHER, /* beyond ASCII: kept as it is */
};

/* What is no letter beyond ASCII: controls and signs, punctuation, symbols, pictures. */
static bool is_sign(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x80, 0xa9},     {0xab, 0xb4},       {0xb6, 0xb9},        {0xbb, 0xbf},
        {0xd7, 0xd7},     {0xf7, 0xf7},       {0x2000, 0x2bff},    {0x3000, 0x3004},
        {0x3008, 0x3020}, {0xe000, 0xf8ff},   {0xfe00, 0xfe6f},    {0xfeff, 0xff0f},
        {0xfff0, 0xffff}, {0x1f000, 0x1faff}, {0xe0000, 0x10ffff},
    };

    for (size_t i = 0; i < COUNT(ranges); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

/* Takes a character, or a byte that is part of none, from the front of @rest. */
static enum letter take_letter(struct bytes *rest)
{
    size_t len = text_sequence_len(rest->ptr, rest->len);
    char c = rest->ptr[0];

    if (len == 0) {
        *rest = bytes_of(rest->ptr + 1, rest->len - 1);
        return LETTER_NONE;
    }
    if (len > 1)
        return is_sign(text_take_point(rest)) ? LETTER_NONE : LETTER_OTHER;
    *rest = bytes_of(rest->ptr + 1, rest->len - 1);
    if (c >= '0' && c <= '9')
        return LETTER_DIGIT;
    if (c >= 'a' && c <= 'z')
        return LETTER_LOWER;
    return c >= 'A' && c <= 'Z' ? LETTER_UPPER : LETTER_NONE;
}

struct word {
    struct bytes text;
    size_t n[LETTER_OTHER + 1]; /* of each kind */
};

/* The next word; empty at the end. */
static struct word take_word(struct bytes *rest)
{
    struct word word = {0};

    while (rest->len > 0) {
        const char *start = rest->ptr;
        enum letter letter = take_letter(rest);
        size_t len = (size_t)(rest->ptr - start);

        if (letter == LETTER_NONE && word.text.len > 0)
            break;
        if (letter == LETTER_NONE)
            continue;
        if (word.text.len == 0)
            word.text.ptr = start;
        word.text.len += len;
        word.n[letter]++;
    }
    return word;
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static void add_word(const struct word *word, bool is_first, struct buf *key)
{
    bool is_all_capital = word->n[LETTER_LOWER] == 0 && word->n[LETTER_OTHER] == 0;

    for (size_t i = 0; i < word->text.len; i++) {
        char c = word->text.ptr[i];

        if (is_first || (i > 0 && is_all_capital))
            c = to_lower(c);
        else if (i == 0)
            c = to_upper(c);
        (void)buf_add_char(key, c);
    }
}

int label_key(struct bytes label, struct buf *ret_key)
{
    /* A key is never longer than its label. */
    cleanup(buf_done) struct buf key = {.max_bytes = label.len};
    bool has_letter = false;

    while (label.len > 0) {
        struct word word = take_word(&label);

        has_letter |= word.text.len > word.n[LETTER_DIGIT];
        add_word(&word, key.len == 0, &key);
    }
    return has_letter ? buf_add(ret_key, buf_bytes(&key)) : 0;
}
