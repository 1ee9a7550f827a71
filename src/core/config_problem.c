/* SPDX-License-Identifier: MIT */

#include "core/config_problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/excerpt.h"
#include "base/mem.h"

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

void config_problem_at(struct err *err, const struct config_source *source,
                       struct yaml_place at, const char *label)
{
    const struct excerpt excerpt = {
        .file = source->name,
        .source = source->text,
        .line = at.line,
        .column = at.column,
        .width = at.width,
        .label = label,
    };

    excerpt_place(&excerpt, err);
}
