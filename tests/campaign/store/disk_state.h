/* SPDX-License-Identifier: MIT */
#pragma once

/* disk_state - what disk.c and disk_file.c know of a disk. Nobody else includes this. */

#include <sqlite3.h>

#include "disk.h"
#include "shared.h"

enum { DISK_FILES = 8, DISK_NAME_BYTES = 512 };

enum call {
    CALL_READ = 1 << 0,
    CALL_WRITE = 1 << 1,
    CALL_SYNC = 1 << 2,
    CALL_TRUNCATE = 1 << 3,
    CALL_DELETE = 1 << 4,
    CALL_CREATE = 1 << 5,
    CALL_OPEN = 1 << 6,
    CALL_LOCK = 1 << 7,
    CALL_SHARE = 1 << 8, /* extends what is shared between processes */
    CALL_SIZE = 1 << 9,
    CALL_FOLDER = 1 << 10,
};

struct file {
    char name[DISK_NAME_BYTES];
    struct platter platter;
    bool is_there;
    bool is_named; /* its name is on the disk */
    struct handle *reserved, *exclusive;
    int n_readers;
    struct shared shared;
};

struct disk {
    sqlite3_vfs vfs;
    struct file files[DISK_FILES];
    struct chance chance;
    enum disk_process process;
    bool is_stopped[2];
    bool is_lying;
    bool has_failed; /* a sync did, since the last cut */
    unsigned n_failed_syncs;
    struct disk_plan plan;
    uint64_t n_calls;
    unsigned n_hits;
};

struct handle {
    sqlite3_file base;
    struct disk *disk;
    struct file *file;
    enum disk_process process;
    int level;
    bool names_file; /* with its next sync, as SQLite's own VFS does for its logs */
    bool has_share;
    struct shared_holder holder;
};

/* 0, or the code that this call of the process fails with. */
int disk_ask(struct disk *disk, enum disk_process process, enum call call);

/* disk_file.c: what SQLite does with an open file. */
extern const sqlite3_io_methods disk_methods;

static inline struct handle *handle_of(sqlite3_file *base)
{
    return container_of(base, struct handle, base);
}
