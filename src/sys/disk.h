/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * disk - folders, locks and whole small files.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct err;

/* All of a file, at most buf's maximum; -1 when absent, unreadable or larger. */
must_check
int disk_read(const char *path, struct buf *ret, struct err *err);
/* Writes a new file beside and renames it over, both synced; @mode 0600 for secrets. */
must_check
int disk_replace(const char *path, struct bytes content, mode_t mode, struct err *err);
/* Makes the folder and its parents (0700 for the last). Fine when it is there. */
must_check
int disk_make_folder(const char *path, struct err *err);
bool disk_exists(const char *path);
/* Removes a file or a folder with all that is in it; absent is fine. */
must_check
int disk_remove_tree(const char *path, struct err *err);
/* Bytes free for us on the file system of @path; -1 unknown. */
int64_t disk_free_bytes(const char *path);
int64_t disk_file_bytes(const char *path); /* 0 when absent */

enum { DISK_LOCKED = 1 };
/*
 * Takes the lock of a data folder (DIR/lock, flock and the holder's pid in it), held
 * until the descriptor is closed. DISK_LOCKED when another process holds it: *ret_holder
 * is its pid (0 unknown) and the file is unchanged.
 */
must_check
int disk_lock(const char *folder, int *ret_fd, pid_t *ret_holder, struct err *err);
