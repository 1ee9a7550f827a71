/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sql_file - what sql asks of SQLite's files below its connections; sqlite3.h is for
 * sql.c and for this.
 *
 * The log (-wal) has an index (-shm) that is mapped into memory. On a full disk that
 * memory may have no blocks behind it: Linux from 5.14 on is asked for them first, and
 * then a full disk is SQLITE_FULL and never SIGBUS. (On a file system that writes each
 * change to a new place, such as btrfs, a block may be wanting later.)
 */

#include "base/attr.h"

struct err;
struct sql_file;
struct sqlite3;

/* For a connection that was just opened. The caller frees it after the connection was
 * closed; NULL where there is no index, as in memory. */
must_check
struct sql_file *sql_file_watch(struct sqlite3 *db);
/* See sql_renew_log. The library has been configured. */
must_check
int sql_file_renew(const char *path, struct err *err);
