/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_template - what `fn new` begins with: the folders of examples/, carried by the
 * program.
 */

#include "base/bytes.h"
#include "base/embedded_file.h"

enum { FN_TEMPLATE_MAX = 64 };

/* The names, sorted, NULL-terminated. */
void fn_template_names(char ret_names[FN_TEMPLATE_MAX][FN_TEMPLATE_MAX], size_t *ret_n);
/* The first sentence of its README; empty when there is none. */
struct bytes fn_template_summary(const char *name);
/* Walks its files: *cursor starts NULL; NULL at the end. ret_path is "tests/note.json".
 */
const struct embedded_file *fn_template_next(const char *name,
                                             const struct embedded_file *cursor,
                                             const char **ret_path);
