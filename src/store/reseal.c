/* SPDX-License-Identifier: MIT */

#include "store/reseal.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "store/inside.h"
#include "store/installs.h"
#include "store/vault.h"

enum {
    ROWS = 64,           /* sealed anew in a step */
    BYTES_MAX = 4 << 20, /* of rows that are written again */
    VALUE_MAX = 1 << 20,
};

/* The walks end by themselves: a step that has enough stops stepping. */
static const struct part {
    const char *context;
    const char *select; /* row, value, what writing it costs besides */
    const char *update;
} parts[] = {
    {"key", "SELECT id, sealed, 0 FROM key WHERE id > ?1 ORDER BY id LIMIT 512",
     "UPDATE key SET sealed = ?2 WHERE id = ?1"},
    {INSTALLS_TOKEN,
     "SELECT id, sealed, 0 FROM install WHERE id > ?1 ORDER BY id LIMIT 512",
     "UPDATE install SET sealed = ?2 WHERE id = ?1"},
    {INSTALLS_ATTEMPT,
     "SELECT id, sealed, 0 FROM oauth_attempt WHERE id > ?1 ORDER BY id LIMIT 512",
     "UPDATE oauth_attempt SET sealed = ?2 WHERE id = ?1"},
    {"hash", "SELECT id, sealed, 0 FROM hashing WHERE id > ?1 ORDER BY id LIMIT 512",
     "UPDATE hashing SET sealed = ?2 WHERE id = ?1"},
    {"settings",
     "SELECT id, settings, length(payload) FROM event WHERE id > ?1 ORDER BY id LIMIT"
     " 512",
     "UPDATE event SET settings = ?2 WHERE id = ?1"},
};

struct value {
    int64_t row;
    struct bytes sealed;
};

struct haul { /* of one step */
    struct arena arena;
    struct value values[ROWS];
    size_t n;
    int64_t bytes;
    int64_t n_looked, last_row;
    bool is_end; /* of the table */
};

static void take_value(struct haul *haul, const struct vault *vault,
                       struct sql_statement *walk)
{
    struct bytes sealed = sql_bytes(walk, 1);

    haul->n_looked++;
    haul->last_row = sql_i64(walk, 0);
    if (sealed.len == 0 || vault_is_current(vault, sealed))
        return;
    haul->bytes += (int64_t)sealed.len + sql_i64(walk, 2);
    haul->values[haul->n++] =
        (struct value){.row = haul->last_row,
                       .sealed = bytes_of(arena_copy(&haul->arena, sealed), sealed.len)};
}

static int collect(struct store *store, const struct vault *vault,
                   const struct reseal *reseal, struct haul *haul, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql, parts[reseal->part].select, err);
    int result = SQL_ROW;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, reseal->after_row);
    while (haul->n < ROWS && haul->bytes < BYTES_MAX &&
           (result = sql_step(walk, err)) == SQL_ROW)
        take_value(haul, vault, walk);
    haul->is_end = result == 0 && haul->n_looked == 0;
    return result < 0 ? -1 : 0;
}

/* 1 done, 0 it does not open, -1. */
static int reseal_one(struct store *store, const struct vault *vault,
                      const struct part *part, const struct value *value, struct err *err)
{
    cleanup(buf_done) struct buf plain = {0};
    cleanup(buf_done) struct buf sealed = {0};
    struct sql_statement *update = sql_use(store->sql, part->update, err);
    bool is_open;

    if (update == NULL)
        return -1;
    buf_init(&plain, VALUE_MAX);
    buf_init(&sealed, VALUE_MAX + VAULT_OVERHEAD);
    is_open = vault_unseal(vault, part->context, value->row, value->sealed, &plain);
    if (is_open)
        is_open =
            vault_seal(vault, part->context, value->row, buf_bytes(&plain), &sealed) == 0;
    secret_wipe(plain.ptr, plain.len);
    if (!is_open)
        return 0;
    sql_bind(update, 1, value->row);
    sql_bind_blob(update, 2, buf_bytes(&sealed));
    return sql_run(update, err) == 0 ? 1 : -1;
}

static int write_haul(struct store *store, const struct vault *vault,
                      struct reseal *reseal, const struct haul *haul, struct err *err)
{
    for (size_t i = 0; i < haul->n; i++) {
        int result =
            reseal_one(store, vault, &parts[reseal->part], &haul->values[i], err);

        if (result < 0)
            return -1;
        reseal->n_done += result;
        reseal->n_stale += result;
        reseal->n_broken += result == 0;
    }
    return 0;
}

/* To the next table, or to the next walk, which is the last when this one was idle. */
static void turn_over(struct reseal *reseal)
{
    reseal->after_row = 0;
    if (++reseal->part < COUNT(parts))
        return;
    reseal->part = 0;
    reseal->is_over = reseal->n_stale == 0;
    if (reseal->is_over)
        return;
    reseal->n_stale = 0;
    reseal->n_broken = 0;
}

int reseal_step(struct store *store, const struct vault *vault, struct reseal *reseal,
                struct err *err)
{
    struct haul haul = {.n = 0};
    int result;

    arena_init(&haul.arena);
    result = collect(store, vault, reseal, &haul, err);
    if (result == 0)
        result = write_haul(store, vault, reseal, &haul, err);
    arena_done(&haul.arena);
    if (result < 0)
        return -1;
    reseal->n_looked += haul.n_looked;
    reseal->after_row = haul.last_row;
    if (haul.is_end)
        turn_over(reseal);
    return 0;
}

/* --- the hashing key -------------------------------------------------------------- */

static int put_hashing(struct store *store, void *arg, struct err *err)
{
    const struct vault *vault = arg;
    cleanup(buf_done) struct buf sealed = {0};
    struct sql_statement *insert =
        sql_use(store->sql, "INSERT INTO hashing VALUES (1, ?1)", err);

    if (insert == NULL)
        return -1;
    buf_init(&sealed, 256);
    vault_seal_hashing(vault, &sealed);
    sql_bind_blob(insert, 1, buf_bytes(&sealed));
    return sql_run(insert, err) == 0 ? 0 : -1;
}

static int is_another_key(struct err *err)
{
    err_code(err, "PA1031", ERR_CONFIG, "the master key is not the one of this store");
    return err_help(err, "put back the key that this data was sealed with");
}

/* A store that has keys, but is older than its hashing key: a wrong master key must not
 * become the right one by being first. */
static int check_keys(struct store *store, const struct vault *vault, struct err *err)
{
    cleanup(buf_done) struct buf plain = {0};
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql, "SELECT id, sealed FROM key ORDER BY id DESC LIMIT 1", err);
    int result;
    bool is_open;

    if (select == NULL)
        return -1;
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result;
    buf_init(&plain, VALUE_MAX);
    is_open =
        vault_unseal(vault, "key", sql_i64(select, 0), sql_bytes(select, 1), &plain);
    secret_wipe(plain.ptr, plain.len);
    return is_open ? 0 : is_another_key(err);
}

static int use_hashing(struct store *store, struct vault *vault, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql, "SELECT sealed FROM hashing", err);
    int result;

    if (select == NULL)
        return -1;
    result = sql_step(select, err);
    if (result != SQL_ROW || vault_use_hashing(vault, sql_bytes(select, 0)))
        return result;
    return is_another_key(err);
}

int reseal_marry(struct store *store, struct vault *vault, struct err *err)
{
    int result = use_hashing(store, vault, err);

    if (result == 0)
        result = check_keys(store, vault, err);
    if (result == 0)
        return store_transact(store, put_hashing, vault, err);
    return result < 0 ? -1 : 0;
}
