/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * cgroup - a group of the kernel's own around each child, where we may make one.
 *
 * Limits that hold between two looks of ours: memory, no swap, processes and threads.
 * There is one where this process is alone in its cgroup (version 2) and may divide it,
 * as under systemd with `Delegate=yes`. It then moves into a part `service`, because a
 * group that has processes cannot give its parts limits. Anywhere else there is none,
 * which is no error: who asked is told, and says so.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct cgroup; /* ours, with a part for each child */

/* NULL when there is none to be had. @mount: "/sys/fs/cgroup", @own: "/proc/self/cgroup".
 */
must_check
struct cgroup *cgroup_open(const char *mount, const char *own);
void cgroup_close(struct cgroup *group);

struct cgroup_part {
    int fd;       /* its folder; -1: none */
    int procs_fd; /* child_options.group_fd; -1: none */
    unsigned number;
};

#define CGROUP_NO_PART ((struct cgroup_part){-1, -1, 0})

/* False when it could not be made; *ret_part is then CGROUP_NO_PART. */
must_check
bool cgroup_part_make(struct cgroup *group, int64_t memory_bytes, unsigned n_tasks,
                      struct cgroup_part *ret_part);
/* Whether the kernel ended something in it for its memory. */
bool cgroup_part_overflowed(const struct cgroup_part *part);
/* When its processes have ended; a part that is still busy is removed with a later one.
 */
void cgroup_part_remove(struct cgroup *group, struct cgroup_part *part);
