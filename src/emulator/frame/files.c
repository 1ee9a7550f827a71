/* SPDX-License-Identifier: MIT */

#include "emulator/frame/files.h"

#include <stdlib.h>

#include "emulator_files.h"

struct bytes files_find(const char *path)
{
    for (const struct embedded_file *file = emulator_files; file->path != NULL; file++) {
        if (strcmp(file->path, path) == 0)
            return file->text;
    }
    abort();
}
