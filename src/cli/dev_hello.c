/* SPDX-License-Identifier: MIT */

#include "cli/dev_hello.h"

#include "base/err.h"
#include "sys/disk.h"
#include "trial/fn_template.h"

/* What `fn new` writes as well. */
static struct bytes source(void)
{
    const struct embedded_file *file = NULL;
    const char *path = "";

    do
        file = fn_template_next("hello", file, &path);
    while (file != NULL && strcmp(path, "index.js") != 0);
    return file != NULL ? file->text : BYTES("");
}

static int make_parent(const char *path, struct err *err)
{
    cleanup(freep) char *folder = bytes_copy(bytes_str(path));
    char *slash = strrchr(folder, '/');

    if (slash == NULL || slash == folder)
        return 0;
    *slash = '\0';
    return disk_make_folder(folder, err);
}

int dev_hello_write(const char *path, bool *ret_written, struct err *err)
{
    *ret_written = false;
    if (disk_exists(path))
        return 0;
    if (make_parent(path, err) < 0 || disk_replace(path, source(), 0644, err) < 0)
        return -1;
    *ret_written = true;
    return 0;
}
