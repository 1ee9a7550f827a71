/* SPDX-License-Identifier: MIT */

#include "trial/fn_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/disk.h"
#include "json/json.h"

enum { FILE_BYTES = 4 << 20 };

static int is_json(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           bytes_ends(bytes_str(entry->d_name), BYTES(".json"));
}

int fn_folder_list(const char *folder, struct arena *arena, const char ***ret_paths,
                   struct err *err)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_json, alphasort);

    if (n < 0 && errno != ENOENT && errno != ENOTDIR)
        return err_sys(err, "read %s", folder);
    *ret_paths = arena_zero(arena, ((size_t)(n < 0 ? 0 : n) + 1) * sizeof(char *));
    for (int i = 0; i < n; i++) {
        (*ret_paths)[i] = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (n > FN_FOLDER_FILES)
        return err_set(err, "%s has more than %d files", folder, FN_FOLDER_FILES);
    return 0;
}

int fn_folder_read(const char *path, struct json **ret_json, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, FILE_BYTES);
    if (!disk_exists(path))
        return err_code(err, "PA7024", ERR_NOT_FOUND, "no file `%s`", path);
    if (disk_read(path, &text, err) < 0)
        return -1;
    if (json_parse(buf_bytes(&text), ret_json, err) < 0)
        return err_wrap(err, "%s", path);
    return 0;
}
