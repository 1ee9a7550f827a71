/* SPDX-License-Identifier: MIT */

#include "core/config_problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum {
    LINE_SHOWN = 100,
    BEFORE_SHOWN = 60,
    PLACE_MAX = sizeof(((struct err *)0)->place)
};

struct err *config_problem(struct config_problems *problems, const char *code,
                           const char *format, ...)
{
    char text[sizeof(((struct err *)0)->text)];
    struct err *err;
    va_list args;

    problems->items =
        mem_grow(problems->items, problems->n_items + 1, sizeof(*problems->items));
    err = &problems->items[problems->n_items++];
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    err_code(err, code, ERR_CONFIG, "%s", text);
    return err;
}

void config_problems_done(struct config_problems *problems)
{
    free(problems->items);
    *problems = (struct config_problems){0};
}

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

/* Control characters as blanks: a terminal must not obey a configuration. */
static void add_clean(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        buf_add_char(out, c < ' ' || c == 0x7f ? ' ' : text.ptr[i]);
    }
}

/* The shown part of the line, and below it the carets, both after the margin. */
static void add_source(struct buf *out, struct bytes line, struct yaml_place at,
                       const char *label)
{
    int digits = snprintf(NULL, 0, "%d", at.line);
    size_t column = at.column > 0 ? (size_t)at.column - 1 : 0;
    size_t width = at.width > 0 ? (size_t)at.width : 1;
    size_t skipped = column > BEFORE_SHOWN ? column - BEFORE_SHOWN / 2 : 0;

    line = bytes_slice(line, characters(line, skipped), line.len);
    line = bytes_slice(line, 0, characters(line, LINE_SHOWN));
    column -= skipped;
    if (width > LINE_SHOWN - column)
        width = LINE_SHOWN - column;
    buf_addf(out, "\n %*s |\n %d | ", digits, "", at.line);
    add_clean(out, line);
    buf_addf(out, "\n %*s | %*s", digits, "", (int)column, "");
    for (size_t i = 0; i < width; i++)
        buf_add_char(out, '^');
    if (label != NULL)
        buf_addf(out, " %s", label);
}

void config_problem_at(struct err *err, const struct config_source *source,
                       struct yaml_place at, const char *label)
{
    struct bytes line = line_of(source->text, at.line);
    struct buf out;

    if (at.line == 0) {
        err_place(err, "--> %s", source->name);
        return;
    }
    buf_init(&out, PLACE_MAX - 1);
    buf_addf(&out, "--> %.200s:%d:%d", source->name, at.line, at.column);
    add_source(&out, line, at, label);
    err_place(err, "%s", buf_text(&out));
    buf_done(&out);
}
