/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sql - one connection to one SQLite file; sqlite3.h is for sql.c and sql_file.c.
 *
 * Statements are prepared on first use and kept. A failure ends in one of three states:
 *
 *   doomed   the transaction is lost (a full disk, a bug): everything until sql_rollback
 *            fails, so nothing can slip out of a transaction that SQLite ended by itself.
 *            What fails outside a transaction, such as its begin, dooms nothing
 *   full     doomed, because the disk is full: nothing is lost, try later
 *   latched  a read, write or sync failed, or the file is damaged: everything fails for
 *            good, because nobody knows what the disk holds (reliability D3)
 *
 * Not thread-safe: one thread at a time per connection.
 */

#include "base/bytes.h"

struct err;
struct sql;
struct sql_statement;

/* The answer of sql_step when there is a row. */
enum { SQL_ROW = 1 };
/* The answer of sql_run when a UNIQUE rule said no; the transaction goes on. */
enum { SQL_EXISTS = 1 };

enum sql_mode {
    SQL_READ = 0, /* read-only, never checkpoints */
    SQL_WRITE,    /* creates the file; WAL, synchronous=FULL, no automatic checkpoint */
    /* Likewise, but a commit waits for no disk: it outlives the process, not a power cut.
     * ":memory:" is a database that ends with the connection. */
    SQL_LIGHT,
};

must_check
int sql_open(const char *path, enum sql_mode mode, struct sql **ret_sql, struct err *err);
/*
 * Writes the log that another process left beside @path once more, byte for byte, and
 * syncs it. Before sql_open, by the only writer.
 *
 * After a sync that failed, kernels take for written what is not: the process that saw it
 * has ended, and the next one's syncs succeed without writing. It would read a log that
 * is only in memory, move it into the file and build upon it, and a power cut would leave
 * both in parts (reliability D3). What is written again is on the disk, or fails again.
 */
must_check
int sql_renew_log(const char *path, struct err *err);
/* Never checkpoints; an open transaction is gone. NULL is fine. */
void sql_close(struct sql *sql);
bool sql_is_latched(const struct sql *sql);
/* The transaction is lost to a full disk, or could not begin because of it. */
bool sql_is_full(const struct sql *sql);
bool sql_is_in_transaction(const struct sql *sql);

/* Is the file still where it was opened? -1: it was removed, or another one is there;
 * latched, PA6008. Asks the file system. */
must_check
int sql_check_place(struct sql *sql, struct err *err);

/* Statements without values and rows; @text may hold several. */
must_check
int sql_exec(struct sql *sql, const char *text, struct err *err);
/* A read snapshot in a reader, the write lock in a writer. -1: none is begun, so there is
 * nothing to roll back. PA6007: another program has held the lock for too long. */
must_check
int sql_begin(struct sql *sql, struct err *err);
/* -1: latched unless sql_is_full; the caller rolls back then. */
must_check
int sql_commit(struct sql *sql, struct err *err);
/* Ends the transaction, and the doom. */
void sql_rollback(struct sql *sql);

/*
 * The statement of @literal, ready to be bound. It is remembered by the literal's
 * address: a string constant, not a buffer. NULL with @err.
 */
must_check
struct sql_statement *sql_use(struct sql *sql, const char *literal, struct err *err);
/* A statement made from any text, owned by the caller until sql_free; before sql_close.
 */
must_check
struct sql_statement *sql_make(struct sql *sql, const char *text, struct err *err);
void sql_free(struct sql_statement *statement); /* NULL is fine */

/* Parameters count from 1. Bytes are borrowed until sql_reset, and go in as NULL when
 * empty, but for sql_bind_blob. A value that cannot be bound fails the next step. */
void sql_bind(struct sql_statement *statement, int index, int64_t value);
void sql_bind_text(struct sql_statement *statement, int index, struct bytes text);
void sql_bind_bytes(struct sql_statement *statement, int index, struct bytes bytes);
void sql_bind_blob(struct sql_statement *statement, int index, struct bytes bytes);
void sql_bind_null(struct sql_statement *statement, int index);

/* SQL_ROW, 0 at the end (then it is reset), -1. */
must_check
int sql_step(struct sql_statement *statement, struct err *err);
/* A statement without rows, or whose rows are of no interest: steps to the end. 0,
 * SQL_EXISTS, -1. */
must_check
int sql_run(struct sql_statement *statement, struct err *err);
/* Ends a walk early; twice is fine. Lets go of what was bound. */
void sql_reset(struct sql_statement *statement);
/* It may change a row. */
bool sql_is_write(const struct sql_statement *statement);
void sql_resetp(struct sql_statement **statement); /* for cleanup() */

/* Columns count from 0. Slices live until the next step or reset. */
int64_t sql_i64(struct sql_statement *statement, int column);
struct bytes sql_bytes(struct sql_statement *statement, int column);
bool sql_is_null(struct sql_statement *statement, int column);
int64_t sql_n_changed(const struct sql *sql); /* rows, by the last sql_run */

/* The one number that @literal answers with; @otherwise without a row or when NULL. */
must_check
int sql_number(struct sql *sql, const char *literal, int64_t otherwise,
               int64_t *ret_number, struct err *err);

enum sql_checkpoint { SQL_PASSIVE = 0, SQL_TRUNCATE };
/* Never waits for readers: what they hold back stays in the log. *ret_is_whole: all of it
 * is in the file now. A full disk is no failure: the log keeps everything. */
must_check
int sql_checkpoint(struct sql *sql, enum sql_checkpoint how, bool *ret_is_whole,
                   struct err *err);
/* Bytes in the write-ahead log that commits of this connection left there. */
int64_t sql_log_bytes(const struct sql *sql);
uint64_t sql_n_syncs(const struct sql *sql); /* commits that wrote */
