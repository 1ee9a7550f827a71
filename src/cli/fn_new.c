/* SPDX-License-Identifier: MIT */

/* fn new: a function with tests to begin with, from one of the examples. */

#include <ctype.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/fn_template.h"
#include "core/suggest.h"
#include "sys/disk.h"
#include "json/write.h"

enum { NAME_LONGEST = 64, PATH_BYTES = 512, JSON_BYTES = 1 << 20, FILE_MODE = 0644 };

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

static int check_free(const char *name, struct err *err)
{
    static const char *const endings[] = {"", ".js"};
    char path[PATH_BYTES];

    for (size_t i = 0; i < COUNT(endings); i++) {
        snprintf(path, sizeof(path), "functions/%s%s", name, endings[i]);
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

static void print_next(const struct call *call, const char *name)
{
    const int watch_width = (int)strlen(" --watch");

    call_say(call, "Next:");
    call_say(call, "  partnerapp fn test %s%*s  try it; no network, no account", name,
             watch_width, "");
    call_say(call, "  partnerapp fn test %s --watch  again whenever you save", name);
    call_say(call, "  partnerapp dev --function functions/%s/index.js", name);
}

static int write_all(const struct call *call, const char *name, const char *template,
                     struct err *err)
{
    const struct embedded_file *file = NULL;
    const char *path;
    struct write write;
    cleanup(buf_done) struct buf json = {0};

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "name", name);
    write_member_text(&write, "template", template);
    write_key(&write, "files");
    write_array(&write);
    while ((file = fn_template_next(template, file, &path)) != NULL) {
        char full[PATH_BYTES];

        snprintf(full, sizeof(full), "functions/%s/%s", name, path);
        if (write_file(full, file->text, err) < 0)
            return -1;
        write_text(&write, full);
        if (!call->wants_json)
            print_text(&call->out, "%s\n", full);
    }
    write_array_end(&write);
    write_object_end(&write);
    if (call->wants_json)
        print_record(&call->out, buf_bytes(&json));
    else
        print_next(call, name);
    return 0;
}

static int list(const struct call *call)
{
    char names[FN_TEMPLATE_MAX][FN_TEMPLATE_MAX];
    struct write write;
    size_t n;
    cleanup(buf_done) struct buf json = {0};

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_key(&write, "data");
    write_array(&write);
    fn_template_names(names, &n);
    for (size_t i = 0; i < n; i++) {
        struct bytes summary = fn_template_summary(names[i]);

        write_object(&write);
        write_member_text(&write, "name", names[i]);
        write_member_string(&write, "summary", summary);
        write_object_end(&write);
        if (!call->wants_json)
            print_text(&call->out, "%-20s %.*s\n", names[i], BYTES_FMT(summary));
    }
    write_array_end(&write);
    write_member_text(&write, "next", NULL);
    write_member_i64(&write, "total", (int64_t)n);
    write_object_end(&write);
    if (call->wants_json)
        print_record(&call->out, buf_bytes(&json));
    return 0;
}

int fn_new_run(struct call *call, struct err *err)
{
    const char *name = call_arg(call, 0);
    const char *template = call_text(call, "template");

    if (call_has(call, "list"))
        return list(call);
    if (check_name(name, err) < 0 || check_template(template, err) < 0 ||
        check_free(name, err) < 0)
        return -1;
    return write_all(call, name, template, err);
}
