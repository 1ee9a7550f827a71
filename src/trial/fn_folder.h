/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_folder - the JSON files beside a function: its tests, its mocks.
 */

#include "base/arena.h"

struct err;
struct json;

enum { FN_FOLDER_FILES = 1000 };

/* The paths of the *.json files in @folder, sorted by name, NULL-terminated; all in
 * @arena. No folder: none. -1: it cannot be read, or has more than FN_FOLDER_FILES. */
must_check
int fn_folder_list(const char *folder, struct arena *arena, const char ***ret_paths,
                   struct err *err);
/* A file's JSON, with its path before a message. The caller frees. */
must_check
int fn_folder_read(const char *path, struct json **ret_json, struct err *err);
