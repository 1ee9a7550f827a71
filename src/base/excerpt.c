/* SPDX-License-Identifier: MIT */

#include "base/excerpt.h"

#include <stdio.h>

#include "base/buf.h"

enum {
    LINE_SHOWN = 100,
    BEFORE_SHOWN = 60,
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

static void add_clean(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        buf_add_char(out, c < ' ' || c == 0x7f ? ' ' : text.ptr[i]);
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
