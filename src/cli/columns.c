/* SPDX-License-Identifier: MIT */

#include "cli/columns.h"

#include <stdio.h>

#include "base/mem.h"

enum { CELL_MAX = 1024, GAP = 2, LEAST = 4 };

void columns_init(struct columns *columns, const char *titles)
{
    struct bytes left = bytes_str(titles);

    *columns = (struct columns){0};
    arena_init(&columns->arena);
    while (left.len > 0 && columns->n_columns < COLUMNS_MAX) {
        struct bytes title = bytes_take_until(&left, ' ');
        char *text;

        columns->n_columns++;
        columns_add(columns, title);
        text = arena_copy(&columns->arena, title);
        for (char *c = text; *c != '\0'; c++)
            *c = *c == '_' ? ' ' : *c;
        columns->cells[columns->n_cells - 1] = bytes_str(text);
    }
}

void columns_done(struct columns *columns)
{
    arena_done(&columns->arena);
    free(columns->cells);
    *columns = (struct columns){0};
}

void columns_add(struct columns *columns, struct bytes text)
{
    struct buf clean;

    buf_init(&clean, CELL_MAX);
    print_clean(bytes_slice(text, 0, CELL_MAX), &clean);
    columns->cells =
        mem_grow(columns->cells, columns->n_cells + 1, sizeof(*columns->cells));
    columns->cells[columns->n_cells++] =
        bytes_str(arena_copy(&columns->arena, buf_bytes(&clean)));
    buf_done(&clean);
}

void columns_add_text(struct columns *columns, const char *text)
{
    columns_add(columns, bytes_str(text));
}

void columns_add_i64(struct columns *columns, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    columns_add_text(columns, text);
}

bool columns_has_rows(const struct columns *columns)
{
    return columns->n_cells > columns->n_columns;
}

static void measure(const struct columns *columns, size_t widths[COLUMNS_MAX])
{
    for (size_t i = 0; i < columns->n_cells; i++) {
        size_t width = print_width(columns->cells[i]);
        size_t *column = &widths[i % columns->n_columns];

        if (width > *column)
            *column = width;
    }
}

/* Half an id is nobody's. */
static bool may_shrink(const struct columns *columns, size_t column, size_t width)
{
    return width > LEAST && !bytes_eq(columns->cells[column], BYTES("ID"));
}

/* Takes from the widest column, one by one, until a line fits or nothing can be taken. */
static void shrink(const struct columns *columns, size_t *widths, size_t limit)
{
    for (;;) {
        size_t total = GAP * (columns->n_columns - 1);
        size_t *widest = NULL;

        for (size_t i = 0; i < columns->n_columns; i++) {
            total += widths[i];
            if (may_shrink(columns, i, widths[i]) &&
                (widest == NULL || widths[i] > *widest))
                widest = &widths[i];
        }
        if (total <= limit || widest == NULL)
            return;
        (*widest)--;
    }
}

static void print_row(const struct columns *columns, const struct print *print,
                      size_t first, const size_t *widths)
{
    struct buf line;

    buf_init(&line, CELL_MAX * COLUMNS_MAX * 2);
    for (size_t i = 0; i < columns->n_columns && first + i < columns->n_cells; i++) {
        struct bytes cell = columns->cells[first + i];
        bool is_cut = print_width(cell) > widths[i];
        struct bytes shown = print_cut(cell, is_cut ? widths[i] - 1 : widths[i]);

        buf_add(&line, shown);
        if (is_cut)
            buf_add_text(&line, "…");
        if (i + 1 < columns->n_columns)
            buf_addf(&line, "%*s",
                     (int)(widths[i] - print_width(shown) - (is_cut ? 1 : 0) + GAP), "");
    }
    print_styled(print, first == 0 ? PRINT_DIM : PRINT_PLAIN, "%s", buf_text(&line));
    print_text(print, "\n");
    buf_done(&line);
}

void columns_print(const struct columns *columns, const struct print *print)
{
    size_t widths[COLUMNS_MAX] = {0};

    measure(columns, widths);
    if (print->columns > 0)
        shrink(columns, widths, (size_t)print->columns);
    for (size_t first = 0; first < columns->n_cells; first += columns->n_columns)
        print_row(columns, print, first, widths);
}
