/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * excerpt - a place in a text for people: "--> file:line:column", the line, and a mark.
 *
 *     --> partnerapp.yaml:4:1
 *        |
 *      4 | pubic_url: x
 *        | ^^^^^^^^^ did you mean `public_url`?
 *
 * A wrong mark is worse than none: without a column the whole line is underlined. Lines
 * that are too long are shown around the column; control characters become blanks, since
 * a terminal must not obey a file.
 */

#include "base/err.h"

struct excerpt {
    const char *file;
    struct bytes source; /* the whole text */
    int line;            /* from 1; 0: only the file is known */
    int column;          /* in characters, from 1; 0: the whole line */
    int width;           /* characters to mark; 0: one */
    const char *label;   /* after the mark, or NULL */
};

/* Sets err's place. */
void excerpt_place(const struct excerpt *excerpt, struct err *err);
