/* SPDX-License-Identifier: MIT */

#include "trial/fn_make.h"

#include <ctype.h>
#include <stdio.h>

#include "base/err.h"
#include "core/suggest.h"
#include "sys/disk.h"
#include "trial/fn_template.h"

enum { NAME_LONGEST = 64, PATH_BYTES = 4096, FILE_MODE = 0644 };

static const char *why_bad(const char *name)
{
    size_t len = strlen(name);

    if (len == 0)
        return "it is empty";
    if (len > NAME_LONGEST)
        return "it is longer than 64 characters";
    if (!isalnum((unsigned char)name[0]))
        return "it begins with neither a letter nor a digit";
    for (; *name != '\0'; name++) {
        if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
            return "letters, digits, - and _ are what a name is made of";
    }
    return NULL;
}

static int check_name(const char *name, struct err *err)
{
    const char *why;

    if (name == NULL) {
        err_code(err, "PA7003", ERR_USAGE, "which name shall the function have?");
        return err_help(err, "partnerapp fn new NAME --template hello");
    }
    why = why_bad(name);
    if (why == NULL)
        return 0;
    return err_code(err, "PA7003", ERR_USAGE, "`%s` is no name for a function: %s", name,
                    why);
}

static int check_template(const char *template, struct err *err)
{
    char names[FN_TEMPLATE_MAX][FN_TEMPLATE_MAX];
    const char *words[FN_TEMPLATE_MAX];
    const char *nearest;
    size_t n;
    cleanup(buf_done) struct buf all = {0};

    buf_init(&all, sizeof(err->help) / 2);
    fn_template_names(names, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], template) == 0)
            return 0;
        words[i] = names[i];
        buf_addf(&all, "%s%s", i > 0 ? " " : "", names[i]);
    }
    err_code(err, "PA2045", ERR_USAGE, "no template `%s`", template);
    nearest = suggest_nearest(bytes_str(template), words, n);
    if (nearest != NULL)
        err_help(err, "did you mean `%s`?", nearest);
    return err_help(err, "there are: %s", buf_text(&all));
}

static int check_free(const struct fn_make_wish *wish, struct err *err)
{
    static const char *const endings[] = {"", ".js"};
    char path[PATH_BYTES];

    for (size_t i = 0; i < COUNT(endings); i++) {
        snprintf(path, sizeof(path), "%s/%s%s", wish->folder, wish->name, endings[i]);
        if (disk_exists(path)) {
            err_code(err, "PA2044", ERR_CONFLICT, "%s is there already", path);
            return err_help(err, "nothing was written; choose another name");
        }
    }
    return 0;
}

static int write_file(const char *path, struct bytes text, struct err *err)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');

    snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    return disk_make_folder(folder, err) < 0 ||
                   disk_replace(path, text, FILE_MODE, err) < 0
               ? -1
               : 0;
}

int fn_make(const struct fn_make_wish *wish, void (*fn)(void *arg, const char *path),
            void *arg, struct err *err)
{
    const struct embedded_file *file = NULL;
    const char *path;

    if (check_name(wish->name, err) < 0 || check_template(wish->template, err) < 0 ||
        check_free(wish, err) < 0)
        return -1;
    while ((file = fn_template_next(wish->template, file, &path)) != NULL) {
        char full[PATH_BYTES];

        snprintf(full, sizeof(full), "%s/%s/%s", wish->folder, wish->name, path);
        if (write_file(full, file->text, err) < 0)
            return -1;
        fn(arg, full);
    }
    return 0;
}
