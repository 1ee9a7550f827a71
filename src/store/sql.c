/* SPDX-License-Identifier: MIT */

#include "store/sql.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sql_file.h"

enum {
    N_SLOTS = 1024, /* of the table of kept statements; a power of two, never half full */
    SYNCHRONOUS_FULL = 2,
    WAIT_MS = 5000, /* for another connection's short lock; none holds one for long */
    FRAME_HEAD_BYTES = 24,
};

struct sql_statement {
    struct sql *sql;
    sqlite3_stmt *stmt;
    const char *literal; /* NULL: owned by a caller */
    int trouble;         /* of a bind, told by the next step */
    bool is_write;
    bool is_used; /* since it was reset: bound, or stepped */
};

struct sql {
    sqlite3 *db;
    struct sql_file *file;
    enum sql_mode mode;
    bool is_latched;
    bool is_begun; /* until sql_commit or sql_rollback, whatever SQLite ended by itself */
    bool is_doomed;
    bool is_full;
    int n_log_pages;
    int64_t page_bytes;
    uint64_t n_syncs;
    size_t n_kept;
    struct sql_statement *kept[N_SLOTS]; /* by the literal's address */
};

/* --- failures ----------------------------------------------------------------------- */

static bool is_fatal(int code)
{
    switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
        return true;
    default:
        return false;
    }
}

static int fail(struct sql *sql, int code, struct err *err)
{
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return err_set(err, "store: %s", sqlite3_errmsg(sql->db));
    sql->is_doomed = sql->is_begun;
    if ((code & 0xff) == SQLITE_FULL) {
        sql->is_full = true;
        err_code(err, "PA6004", ERR_TRY_LATER, "the disk of the store is full");
        return err_help(err, "free some space, or lower limits.retention");
    }
    if ((code & 0xff) == SQLITE_BUSY) {
        err_code(err, "PA6007", ERR_TRY_LATER, "another program has locked the store");
        return err_help(err, "end it; `fuser` and the name of the file show who it is");
    }
    if (!is_fatal(code))
        return err_set(err, "store: %s", sqlite3_errmsg(sql->db));
    /* A reader may meet a passing trouble; only a writer is asked for promises. */
    sql->is_latched = sql->mode == SQL_WRITE;
    err_code(err, "PA6003", ERR_FAILED, "the store cannot be trusted any more: %s (%d)",
             sqlite3_errmsg(sql->db), sqlite3_extended_errcode(sql->db));
    return err_help(err,
                    "check the disk, then start again: what was acknowledged is there");
}

static int refuse(const struct sql *sql, struct err *err)
{
    if (sql->is_latched)
        return err_code(err, "PA6003", ERR_FAILED,
                        "the store failed before and is closed to everything");
    if (sql->is_full)
        return err_code(err, "PA6004", ERR_TRY_LATER, "the disk of the store is full");
    return err_set(err, "the transaction failed before and must be rolled back");
}

bool sql_is_latched(const struct sql *sql)
{
    return sql->is_latched;
}

bool sql_is_full(const struct sql *sql)
{
    return sql->is_full;
}

bool sql_is_in_transaction(const struct sql *sql)
{
    return sqlite3_get_autocommit(sql->db) == 0;
}

int sql_check_place(struct sql *sql, struct err *err)
{
    int has_moved = 0;

    if (sql->is_latched)
        return refuse(sql, err);
    /* Where it cannot be told, it has not. */
    (void)sqlite3_file_control(sql->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    if (has_moved == 0)
        return 0;
    sql->is_latched = true;
    err_code(err, "PA6008", ERR_FAILED, "the file of the store was removed, or replaced");
    return err_help(err, "put it where it was, or begin anew; then start again");
}

/* --- opening and closing ------------------------------------------------------------ */

static void configure_once(void)
{
    /* Counting memory takes a lock on every allocation, and nobody reads the count. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Before anything else is asked of the library: later it takes no orders. */
static void configure_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, configure_once);
}

/* Sees the log grow; being set, it also takes the place of automatic checkpoints. */
static int on_log(void *arg, sqlite3 *db, const char *name, int n_pages)
{
    struct sql *sql = arg;

    (void)db;
    (void)name;
    sql->n_log_pages = n_pages;
    sql->n_syncs++;
    return SQLITE_OK;
}

static int prepare_reader(struct sql *sql, struct err *err)
{
    return sql_exec(sql,
                    "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
                    "PRAGMA cache_size=-1024;",
                    err);
}

/* SQLite answers a refused journal mode with another one, not with an error. */
static int check_writer(struct sql *sql, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *mode =
        sql_use(sql, "PRAGMA journal_mode", err);
    int64_t level;

    if (mode == NULL || sql_step(mode, err) != SQL_ROW ||
        sql_number(sql, "PRAGMA synchronous", 0, &level, err) < 0)
        return -1;
    if (!bytes_eq(sql_bytes(mode, 0), BYTES("wal")) || level != SYNCHRONOUS_FULL)
        return err_set(err, "this file system cannot hold a store: no write-ahead log");
    return 0;
}

/* What may be lost to a power cut, but not to the end of the process. */
static int prepare_light(struct sql *sql, struct err *err)
{
    sqlite3_wal_hook(sql->db, on_log, sql);
    return sql_exec(sql,
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;",
                    err);
}

static int prepare_writer(struct sql *sql, struct err *err)
{
    sqlite3_wal_hook(sql->db, on_log, sql);
    /* page_size only matters for a new file, and must come before WAL: twice the usual
     * size saves an eighth of the processor, and of the file. The size limit gives disk
     * back after a burst. */
    if (sql_exec(
            sql,
            "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=OFF;"
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cache_size=-2048;",
            err) < 0)
        return -1;
    return check_writer(sql, err);
}

static int prepare(struct sql *sql, struct err *err)
{
    switch (sql->mode) {
    case SQL_WRITE:
        return prepare_writer(sql, err);
    case SQL_LIGHT:
        return prepare_light(sql, err);
    case SQL_READ:
        break;
    }
    return prepare_reader(sql, err);
}

int sql_open(const char *path, enum sql_mode mode, struct sql **ret_sql, struct err *err)
{
    int flags = mode == SQL_READ ? SQLITE_OPEN_READONLY
                                 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    struct sql *sql = mem_new(struct sql);
    int code;

    configure_library();
    sql->mode = mode;
    code = sqlite3_open_v2(path, &sql->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        err_set(err, "open %s: %s", path, sqlite3_errstr(code));
        sql_close(sql);
        return -1;
    }
    sql->file = sql_file_watch(sql->db);
    sqlite3_extended_result_codes(sql->db, 1);
    sqlite3_busy_timeout(sql->db, WAIT_MS);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    if (prepare(sql, err) < 0 ||
        sql_number(sql, "PRAGMA page_size", 0, &sql->page_bytes, err) < 0) {
        sql_close(sql);
        return err_wrap(err, "%s", path);
    }
    *ret_sql = sql;
    return 0;
}

int sql_renew_log(const char *path, struct err *err)
{
    configure_library();
    return sql_file_renew(path, err);
}

void sql_close(struct sql *sql)
{
    if (sql == NULL)
        return;
    for (size_t i = 0; i < N_SLOTS; i++)
        sql_free(sql->kept[i]);
    if (sql->db != NULL) {
        int code = sqlite3_close(sql->db);

        assert(code == SQLITE_OK); /* else a statement outlives its connection */
    }
    free(sql->file);
    free(sql);
}

/* --- statements --------------------------------------------------------------------- */

struct sql_statement *sql_make(struct sql *sql, const char *text, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    struct sql_statement *statement;
    int code;

    if (sql->is_latched || sql->is_doomed) {
        refuse(sql, err);
        return NULL;
    }
    code = sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (code != SQLITE_OK) {
        fail(sql, code, err);
        return NULL;
    }
    statement = mem_new(struct sql_statement);
    statement->sql = sql;
    statement->stmt = stmt;
    statement->is_write = sqlite3_stmt_readonly(stmt) == 0;
    return statement;
}

void sql_free(struct sql_statement *statement)
{
    if (statement == NULL)
        return;
    sqlite3_finalize(statement->stmt);
    free(statement);
}

static struct sql_statement **slot_of(struct sql *sql, const char *literal)
{
    size_t at = (((uintptr_t)literal >> 3) ^ ((uintptr_t)literal >> 11)) & (N_SLOTS - 1);

    while (sql->kept[at] != NULL && sql->kept[at]->literal != literal)
        at = (at + 1) & (N_SLOTS - 1);
    return &sql->kept[at];
}

struct sql_statement *sql_use(struct sql *sql, const char *literal, struct err *err)
{
    struct sql_statement **slot = slot_of(sql, literal);

    if (*slot == NULL) {
        *slot = sql_make(sql, literal, err);
        if (*slot == NULL)
            return NULL;
        (*slot)->literal = literal;
        sql->n_kept++;
        assert(sql->n_kept < N_SLOTS / 2);
    }
    sql_reset(*slot);
    return *slot;
}

static void remember(struct sql_statement *statement, int code)
{
    statement->is_used = true;
    if (code != SQLITE_OK)
        statement->trouble = code;
}

void sql_bind(struct sql_statement *statement, int index, int64_t value)
{
    remember(statement, sqlite3_bind_int64(statement->stmt, index, value));
}

void sql_bind_text(struct sql_statement *statement, int index, struct bytes text)
{
    remember(statement, text.len == 0
                            ? sqlite3_bind_null(statement->stmt, index)
                            : sqlite3_bind_text64(statement->stmt, index, text.ptr,
                                                  text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void sql_bind_bytes(struct sql_statement *statement, int index, struct bytes bytes)
{
    if (bytes.len == 0)
        sql_bind_null(statement, index);
    else
        sql_bind_blob(statement, index, bytes);
}

void sql_bind_blob(struct sql_statement *statement, int index, struct bytes bytes)
{
    /* A NULL pointer would become NULL, not an empty blob. */
    remember(statement,
             sqlite3_bind_blob64(statement->stmt, index, bytes.len > 0 ? bytes.ptr : "",
                                 bytes.len, SQLITE_STATIC));
}

void sql_bind_null(struct sql_statement *statement, int index)
{
    remember(statement, sqlite3_bind_null(statement->stmt, index));
}

int sql_step(struct sql_statement *statement, struct err *err)
{
    struct sql *sql = statement->sql;
    int code;

    if (sql->is_latched || sql->is_doomed)
        return refuse(sql, err);
    statement->is_used = true;
    code = statement->trouble != 0 ? statement->trouble : sqlite3_step(statement->stmt);
    if (code == SQLITE_ROW)
        return SQL_ROW;
    if (code != SQLITE_DONE)
        fail(sql, code, err);
    sql_reset(statement);
    return code == SQLITE_DONE ? 0 : -1;
}

int sql_run(struct sql_statement *statement, struct err *err)
{
    struct sql *sql = statement->sql;
    int result;

    do {
        result = sql_step(statement, err);
    } while (result == SQL_ROW);
    if (result < 0 && !sql->is_doomed) {
        int code = sqlite3_extended_errcode(sql->db);

        if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
            code == SQLITE_CONSTRAINT_ROWID)
            return SQL_EXISTS;
    }
    return result;
}

void sql_reset(struct sql_statement *statement)
{
    if (!statement->is_used)
        return;
    /* The result repeats what the last step said. */
    (void)sqlite3_reset(statement->stmt);
    (void)sqlite3_clear_bindings(statement->stmt);
    statement->trouble = 0;
    statement->is_used = false;
}

bool sql_is_write(const struct sql_statement *statement)
{
    return statement->is_write;
}

void sql_resetp(struct sql_statement **statement)
{
    if (*statement != NULL)
        sql_reset(*statement);
}

int64_t sql_i64(struct sql_statement *statement, int column)
{
    return sqlite3_column_int64(statement->stmt, column);
}

struct bytes sql_bytes(struct sql_statement *statement, int column)
{
    const void *ptr = sqlite3_column_blob(statement->stmt, column);

    return bytes_of(ptr, (size_t)sqlite3_column_bytes(statement->stmt, column));
}

bool sql_is_null(struct sql_statement *statement, int column)
{
    return sqlite3_column_type(statement->stmt, column) == SQLITE_NULL;
}

int64_t sql_n_changed(const struct sql *sql)
{
    return sqlite3_changes64(sql->db);
}

int sql_number(struct sql *sql, const char *literal, int64_t otherwise,
               int64_t *ret_number, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *statement = sql_use(sql, literal, err);
    int result = statement != NULL ? sql_step(statement, err) : -1;

    if (result < 0)
        return -1;
    *ret_number = otherwise;
    if (result == SQL_ROW && !sql_is_null(statement, 0))
        *ret_number = sql_i64(statement, 0);
    return 0;
}

/* --- transactions ------------------------------------------------------------------- */

int sql_exec(struct sql *sql, const char *text, struct err *err)
{
    int code;

    if (sql->is_latched || sql->is_doomed)
        return refuse(sql, err);
    code = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fail(sql, code, err);
}

static int run_literal(struct sql *sql, const char *literal, struct err *err)
{
    struct sql_statement *statement = sql_use(sql, literal, err);

    return statement != NULL ? sql_run(statement, err) : -1;
}

int sql_begin(struct sql *sql, struct err *err)
{
    assert(!sql->is_begun && !sql_is_in_transaction(sql));
    sql->is_full = false;
    if (run_literal(sql, sql->mode == SQL_READ ? "BEGIN" : "BEGIN IMMEDIATE", err) != 0)
        return -1;
    sql->is_begun = true;
    return 0;
}

int sql_commit(struct sql *sql, struct err *err)
{
    if (sql->is_latched || sql->is_doomed)
        return refuse(sql, err);
    if (run_literal(sql, "COMMIT", err) == 0) {
        sql->is_begun = false;
        return 0;
    }
    /* Whether a failed commit is on disk is unknown, unless it found no room for it. */
    if (!sql->is_full && sql->mode == SQL_WRITE)
        sql->is_latched = true;
    return -1;
}

void sql_rollback(struct sql *sql)
{
    /* Walks that are still open would keep a rolled back transaction half alive. */
    for (size_t i = 0; i < N_SLOTS; i++) {
        if (sql->kept[i] != NULL)
            sql_reset(sql->kept[i]);
    }
    if (!sql->is_latched && sql_is_in_transaction(sql)) {
        int code = sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);

        sql->is_latched = sql->mode == SQL_WRITE && code != SQLITE_OK;
    }
    sql->is_begun = false;
    sql->is_doomed = false;
    sql->is_full = false;
}

/* --- the log ------------------------------------------------------------------------ */

int sql_checkpoint(struct sql *sql, enum sql_checkpoint how, bool *ret_is_whole,
                   struct err *err)
{
    int mode =
        how == SQL_PASSIVE ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
    int n_log = -1, n_moved = -1;
    int code;

    *ret_is_whole = false;
    if (sql->is_latched || sql->is_doomed)
        return refuse(sql, err);
    sqlite3_busy_timeout(sql->db, 0);
    code = sqlite3_wal_checkpoint_v2(sql->db, NULL, mode, &n_log, &n_moved);
    sqlite3_busy_timeout(sql->db, WAIT_MS);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_FULL)
        return 0;
    if (code != SQLITE_OK) {
        /* Nothing but a whole checkpoint tells that the file took what it was given. */
        fail(sql, code, err);
        sql->is_latched = true;
        return -1;
    }
    *ret_is_whole = n_log == n_moved;
    sql->n_log_pages = n_log > 0 ? n_log : 0;
    return 0;
}

int64_t sql_log_bytes(const struct sql *sql)
{
    return (int64_t)sql->n_log_pages * (sql->page_bytes + FRAME_HEAD_BYTES);
}

uint64_t sql_n_syncs(const struct sql *sql)
{
    return sql->n_syncs;
}
