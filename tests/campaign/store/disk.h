/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * disk - a SQLite VFS on platters: a disk that fails, fills up and loses power when told.
 *
 * Two processes may use it: the service under test, and another that reads. Faults hit
 * the service. Only one disk at a time: it is the default VFS, takes folder_sync()'s
 * calls, and answers stat() for its files (both by the linker's --wrap). Names in its
 * folder are as weak as bytes: a new file that nobody synced its folder for may be gone
 * after a cut.
 *
 * One thread. Locks are real, waiting is not: who would have to wait is told SQLITE_BUSY.
 */

#include "platter.h"

struct disk;

enum disk_process { DISK_SERVICE = 0, DISK_OTHER };

enum disk_fault {
    DISK_FINE = 0,
    DISK_STOP,       /* the process ends there: this call and all after it fail */
    DISK_SYNC_FAILS, /* counts syncs only */
    DISK_FAILS,      /* any call: EIO */
    DISK_FULL,       /* whatever wants room: ENOSPC */
};

struct disk_plan {
    enum disk_fault fault;
    uint64_t at;     /* the call that it hits, counted from 1 */
    bool is_lasting; /* and every later one, until disk_plan says otherwise */
    bool redirties;  /* DISK_SYNC_FAILS: see platter.h */
};

struct disk *disk_new(void);
void disk_free(struct disk *disk);
/* An empty disk, and chance from @seed. Nothing on it may be open. */
void disk_format(struct disk *disk, uint64_t seed);
/* Other chances from now on. */
void disk_shake(struct disk *disk, uint64_t number);
/* Syncs say yes and do nothing. */
void disk_lie(struct disk *disk, bool is_lying);

void disk_plan(struct disk *disk, const struct disk_plan *plan);
/* Since disk_plan: how often it hit, and how many calls were counted. */
unsigned disk_n_hits(const struct disk *disk);
uint64_t disk_n_calls(const struct disk *disk);
/* Since disk_format. */
unsigned disk_n_failed_syncs(const struct disk *disk);

/* Who calls from now on opens files as this process. */
void disk_as(struct disk *disk, enum disk_process process);
/* From now on all the calls of this process fail: close what it has open. */
void disk_stop(struct disk *disk, enum disk_process process);
/* The end of the service, whose files are closed: the kernel goes on. After a failed sync
 * it may have forgotten what it took for written. */
void disk_kill(struct disk *disk);
/* The end of everything; nothing is open. */
void disk_cut(struct disk *disk);
/* All names in the folder are on the disk. What folder_sync() does here. */
int disk_sync_folder(struct disk *disk);
