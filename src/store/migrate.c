/* SPDX-License-Identifier: MIT */

#include "store/migrate.h"

#include <stdio.h>

#include "base/err.h"
#include "store/sql.h"

enum { APPLICATION = 1346457680 }; /* as in schema/0001.sql */

static int read_version(struct sql *sql, const char *path, int64_t *ret_version,
                        struct err *err)
{
    int64_t application, n_tables;

    if (sql_number(sql, "PRAGMA user_version", 0, ret_version, err) < 0 ||
        sql_number(sql, "PRAGMA application_id", 0, &application, err) < 0 ||
        sql_number(sql, "SELECT count(*) FROM sqlite_schema", 0, &n_tables, err) < 0)
        return err_wrap(err, "%s", path);
    if (application != APPLICATION && n_tables > 0)
        return err_code(err, "PA6005", ERR_CONFIG,
                        "%s is a database, but not a store of partnerapp", path);
    if (*ret_version <= migrate_n_steps)
        return 0;
    err_code(err, "PA6002", ERR_CONFIG,
             "the store %s has version %lld, this program knows versions up to %d", path,
             (long long)*ret_version, migrate_n_steps);
    return err_help(err, "start the partnerapp that wrote it, or a newer one");
}

static int take_step(struct sql *sql, int step, struct err *err)
{
    char version[48];

    snprintf(version, sizeof(version), "PRAGMA user_version=%d", step + 1);
    if (sql_begin(sql, err) < 0)
        return -1;
    if (sql_exec(sql, migrate_steps[step], err) < 0 || sql_exec(sql, version, err) < 0 ||
        sql_commit(sql, err) < 0) {
        sql_rollback(sql);
        return -1;
    }
    return 0;
}

int migrate_up(struct sql *sql, const char *path, struct err *err)
{
    int64_t version;

    if (read_version(sql, path, &version, err) < 0)
        return -1;
    for (int step = (int)version; step < migrate_n_steps; step++) {
        if (take_step(sql, step, err) < 0)
            return err_wrap(err, "%s: migrate to version %d", path, step + 1);
    }
    return 0;
}

int migrate_can(struct sql *sql, const char *path, struct err *err)
{
    int64_t version;

    return read_version(sql, path, &version, err);
}

int migrate_check(struct sql *sql, const char *path, struct err *err)
{
    int64_t version;

    if (read_version(sql, path, &version, err) < 0)
        return -1;
    if (version == migrate_n_steps)
        return 0;
    err_code(err, "PA6006", ERR_CONFIG, "the store %s has the older version %lld", path,
             (long long)version);
    return err_help(err, "start the service once: it brings the store up to date");
}
