/* SPDX-License-Identifier: MIT */

#include "trial/fn_template.h"

#include <stdio.h>

#include "template_files.h"

static struct bytes template_of(const struct embedded_file *file)
{
    return bytes_of(file->path, strcspn(file->path, "/"));
}

void fn_template_names(char ret_names[FN_TEMPLATE_MAX][FN_TEMPLATE_MAX], size_t *ret_n)
{
    size_t n = 0;

    for (const struct embedded_file *file = template_files; file->path != NULL; file++) {
        struct bytes name = template_of(file);

        if (n == FN_TEMPLATE_MAX ||
            (n > 0 && bytes_eq(name, bytes_str(ret_names[n - 1]))))
            continue;
        snprintf(ret_names[n++], FN_TEMPLATE_MAX, "%.*s", BYTES_FMT(name));
    }
    *ret_n = n;
}

const struct embedded_file *fn_template_next(const char *name,
                                             const struct embedded_file *cursor,
                                             const char **ret_path)
{
    cursor = cursor == NULL ? template_files : cursor + 1;
    for (; cursor->path != NULL; cursor++) {
        struct bytes of = template_of(cursor);

        if (!bytes_eq(of, bytes_str(name)))
            continue;
        *ret_path = cursor->path + of.len + 1;
        return cursor;
    }
    return NULL;
}

/* Up to the first full stop or colon. */
static struct bytes sentence(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool ends = i + 1 == text.len || text.ptr[i + 1] == ' ';

        if ((text.ptr[i] == '.' || text.ptr[i] == ':') && ends)
            return bytes_slice(text, 0, i);
    }
    return text;
}

struct bytes fn_template_summary(const char *name)
{
    const struct embedded_file *file = NULL;
    const char *path;

    while ((file = fn_template_next(name, file, &path)) != NULL) {
        struct bytes left = file->text;

        while (strcmp(path, "README.md") == 0 && left.len > 0) {
            struct bytes line = bytes_trim(bytes_take_until(&left, '\n'));

            if (line.len > 0 && line.ptr[0] != '#')
                return sentence(line);
        }
    }
    return BYTES("");
}
