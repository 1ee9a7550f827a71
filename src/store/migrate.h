/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * migrate - brings a store to the version of this program.
 *
 * Steps are the files schema/NNNN.sql, in order; `PRAGMA user_version` counts the steps
 * done. Each is one transaction: a kill between or within them loses nothing. Released
 * steps never change.
 */

struct err;
struct sql;

extern const char *const migrate_steps[];
extern const int migrate_n_steps;

/* Refuses a file that is not ours, or of a newer version (PA6002). */
int migrate_up(struct sql *sql, const char *path, struct err *err)
    __attribute__((warn_unused_result));
/* Whether migrate_up would do it, without doing anything. */
int migrate_can(struct sql *sql, const char *path, struct err *err)
    __attribute__((warn_unused_result));
/* For readers: 0 when the file is of exactly this version. */
int migrate_check(struct sql *sql, const char *path, struct err *err)
    __attribute__((warn_unused_result));
