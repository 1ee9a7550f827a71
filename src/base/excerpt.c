/* SPDX-License-Identifier: MIT */

#include "base/excerpt.h"

#include <stdio.h>

#include "base/buf.h"

enum {
    LINE_SHOWN = 100,
    BEFORE_SHOWN = 60,
    REPLACEMENT = 0xfffd,
    PLACE_MAX = sizeof(((struct err *)0)->place)
};

static struct bytes line_of(struct bytes text, int line)
{
    for (int i = 1; i < line && text.len > 0; i++)
        (void)bytes_take_until(&text, '\n');
    text = bytes_take_until(&text, '\n');
    if (bytes_ends(text, BYTES("\r")))
        text.len--;
    return text;
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* The bytes before the @n-th character of @line, or all of them. */
static size_t characters(struct bytes line, size_t n)
{
    size_t at = 0;

    for (; at < line.len; at++) {
        if (begins_character(line.ptr[at]) && n-- == 0)
            break;
    }
    return at;
}

static size_t n_characters(struct bytes line)
{
    size_t n = 0;

    for (size_t i = 0; i < line.len; i++)
        n += begins_character(line.ptr[i]);
    return n;
}

/* The character that begins at @at, REPLACEMENT when no UTF-8 does. */
static uint32_t character_at(struct bytes line, size_t at)
{
    unsigned char first = (unsigned char)line.ptr[at];
    size_t n_more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t character = n_more == 0 ? first : first & (0x3fu >> n_more);

    for (size_t i = 1; i <= n_more; i++) {
        if (at + i >= line.len || begins_character(line.ptr[at + i]))
            return REPLACEMENT;
        character = character << 6 | ((unsigned char)line.ptr[at + i] & 0x3f);
    }
    return character;
}

/* How many columns of a terminal a text takes: East Asian letters and emoji take two,
 * marks that combine none. */
static size_t n_columns(struct bytes line)
{
    static const struct {
        uint32_t first, last;
        size_t width;
    } ranges[] = {
        {0x0300, 0x036f, 0},   {0x1100, 0x115f, 2},   {0x200b, 0x200f, 0},
        {0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
        {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},
        {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
    };
    size_t n = 0;

    for (size_t at = 0; at < line.len; at++) {
        size_t width = 1;

        if (!begins_character(line.ptr[at]))
            continue;
        for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
            uint32_t character = character_at(line, at);

            if (character >= ranges[i].first && character <= ranges[i].last)
                width = ranges[i].width;
        }
        n += width;
    }
    return n;
}

/* Character by character, so that each takes the columns that n_columns counted. */
static void add_clean(struct buf *out, struct bytes text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t character = character_at(text, at);
        size_t len = 1;

        while (at + len < text.len && !begins_character(text.ptr[at + len]))
            len++;
        if (character < ' ' || (character >= 0x7f && character < 0xa0))
            buf_add_char(out, ' ');
        else if (character == REPLACEMENT)
            buf_add_char(out, '?');
        else
            buf_add(out, bytes_slice(text, at, len));
        at += len;
    }
}

/* What the mark covers when no column is known: the line without its indentation. */
static void mark_all(struct bytes line, size_t *ret_column, size_t *ret_width)
{
    struct bytes text = bytes_trim(line);

    *ret_column = text.len > 0 ? (size_t)(text.ptr - line.ptr) : 0;
    *ret_width = n_characters(text);
}

/* The shown part of the line, and below it the mark, both after the margin. */
static void add_source(struct buf *out, struct bytes line, const struct excerpt *excerpt)
{
    int digits = snprintf(NULL, 0, "%d", excerpt->line);
    size_t column = excerpt->column > 0 ? (size_t)excerpt->column - 1 : 0;
    size_t width = excerpt->width > 0 ? (size_t)excerpt->width : 1;
    size_t skipped;

    if (excerpt->column <= 0)
        mark_all(line, &column, &width);
    skipped = column > BEFORE_SHOWN ? column - BEFORE_SHOWN / 2 : 0;
    line = bytes_slice(line, characters(line, skipped), line.len);
    line = bytes_slice(line, 0, characters(line, LINE_SHOWN));
    column -= skipped;
    if (width > LINE_SHOWN - column)
        width = LINE_SHOWN - column;
    struct bytes before = bytes_slice(line, 0, characters(line, column));
    struct bytes marked = bytes_slice(line, before.len, line.len);
    marked = bytes_slice(marked, 0, characters(marked, width));
    /* A mark may stand behind the line's end. */
    width = n_columns(marked) + (width - n_characters(marked));
    column = n_columns(before) + (column - n_characters(before));
    buf_addf(out, "\n %*s |\n %d | ", digits, "", excerpt->line);
    add_clean(out, line);
    buf_addf(out, "\n %*s | %*s", digits, "", (int)column, "");
    for (size_t i = 0; i < width || i < 1; i++)
        buf_add_char(out, '^');
    if (excerpt->label != NULL)
        buf_addf(out, " %s", excerpt->label);
}

void excerpt_place(const struct excerpt *excerpt, struct err *err)
{
    struct bytes line = line_of(excerpt->source, excerpt->line);
    struct buf out;

    if (excerpt->line <= 0) {
        err_place(err, "--> %s", excerpt->file);
        return;
    }
    buf_init(&out, PLACE_MAX - 1);
    buf_addf(&out, "--> %.200s:%d", excerpt->file, excerpt->line);
    if (excerpt->column > 0)
        buf_addf(&out, ":%d", excerpt->column);
    if (line.len > 0 || excerpt->label != NULL)
        add_source(&out, line, excerpt);
    err_place(err, "%s", buf_text(&out));
    buf_done(&out);
}
