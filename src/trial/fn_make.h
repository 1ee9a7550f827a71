/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_make - a new function with its tests, from one of the templates (fn_template.h).
 */

#include "base/attr.h"

struct err;

struct fn_make_wish {
    const char *folder; /* "functions" */
    const char *name;   /* NULL is refused, as whatever is no name */
    const char *template;
};

/* Writes FOLDER/NAME/…; @fn is told of each file. -1 and nothing is written when the name
 * or the template is none (ERR_USAGE), or something is there already (ERR_CONFLICT). */
must_check
int fn_make(const struct fn_make_wish *wish, void (*fn)(void *arg, const char *path),
            void *arg, struct err *err);
