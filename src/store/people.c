/* SPDX-License-Identifier: MIT */

#include "store/people.h"

#include "base/err.h"
#include "store/inside.h"

/* Runs @statement, whose first parameters are @a and @b. */
static int run(struct sql_statement *statement, int64_t a, int64_t b, struct err *err)
{
    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, a);
    sql_bind(statement, 2, b);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

static int run_row(struct sql_statement *statement, int64_t row, struct err *err)
{
    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, row);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

/* --- users -------------------------------------------------------------------------- */

int store_add_user(struct store *store, const struct store_user *user, int64_t *ret_row,
                   struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT INTO user (name, role, password, created_at, changed_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5)",
                err);
    int result;

    if (insert == NULL)
        return -1;
    sql_bind_text(insert, 1, user->name);
    sql_bind_text(insert, 2, user->role);
    sql_bind_text(insert, 3, user->password);
    sql_bind(insert, 4, user->created_at_ms);
    sql_bind(insert, 5, user->changed_at_ms);
    result = sql_run(insert, err);
    if (result != 0)
        return result == SQL_EXISTS ? STORE_EXISTS : result;
    return sql_number(store->sql, "SELECT max(id) FROM user", 0, ret_row, err);
}

int store_set_user(struct store *store, const struct store_user *user, struct err *err)
{
    struct sql_statement *update = sql_use(
        store->sql,
        "UPDATE user SET role = ?2, password = ?3, changed_at = ?4 WHERE id = ?1", err);

    if (update == NULL)
        return -1;
    sql_bind(update, 1, user->row);
    sql_bind_text(update, 2, user->role);
    sql_bind_text(update, 3, user->password);
    sql_bind(update, 4, user->changed_at_ms);
    return sql_run(update, err) == 0 ? 0 : -1;
}

int store_remove_user(struct store *store, int64_t row, struct err *err)
{
    if (run_row(sql_use(store->sql, "DELETE FROM user WHERE id = ?1", err), row, err) <
            0 ||
        store_end_sessions(store, row, 0, err) < 0)
        return -1;
    return store_drop_invitation(store, row, err);
}

int store_each_user(struct store *store, store_user_fn *fn, void *arg, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql,
                "SELECT id, name, role, password, created_at, changed_at FROM user"
                " ORDER BY id",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        const struct store_user user = {
            .row = sql_i64(walk, 0),
            .name = sql_bytes(walk, 1),
            .role = sql_bytes(walk, 2),
            .password = sql_bytes(walk, 3),
            .created_at_ms = sql_i64(walk, 4),
            .changed_at_ms = sql_i64(walk, 5),
        };

        fn(arg, &user);
    }
    return result;
}

/* --- sessions ----------------------------------------------------------------------- */

int store_add_session(struct store *store, const struct store_session *session,
                      int64_t *ret_row, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT INTO session (hash, user, created_at, used_at, expires_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5)",
                err);

    if (insert == NULL)
        return -1;
    sql_bind_blob(insert, 1, bytes_of(session->hash, STORE_HASH_LEN));
    sql_bind(insert, 2, session->user);
    sql_bind(insert, 3, session->created_at_ms);
    sql_bind(insert, 4, session->used_at_ms);
    sql_bind(insert, 5, session->expires_at_ms);
    if (sql_run(insert, err) != 0)
        return -1;
    return sql_number(store->sql, "SELECT max(id) FROM session", 0, ret_row, err);
}

int store_use_session(struct store *store, int64_t row, int64_t now_ms, struct err *err)
{
    return run(sql_use(store->sql, "UPDATE session SET used_at = ?2 WHERE id = ?1", err),
               row, now_ms, err);
}

int store_end_session(struct store *store, int64_t row, struct err *err)
{
    return run_row(sql_use(store->sql, "DELETE FROM session WHERE id = ?1", err), row,
                   err);
}

int store_end_sessions(struct store *store, int64_t user, int64_t except, struct err *err)
{
    return run(
        sql_use(store->sql, "DELETE FROM session WHERE user = ?1 AND id <> ?2", err),
        user, except, err);
}

int store_expire_sessions(struct store *store, int64_t now_ms, int64_t used_before_ms,
                          struct err *err)
{
    return run(sql_use(store->sql,
                       "DELETE FROM session WHERE expires_at <= ?1 OR used_at < ?2", err),
               now_ms, used_before_ms, err);
}

int store_each_session(struct store *store, store_session_fn *fn, void *arg,
                       struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql,
                "SELECT id, hash, user, created_at, used_at, expires_at FROM session"
                " ORDER BY id",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct bytes hash = sql_bytes(walk, 1);
        struct store_session session = {
            .row = sql_i64(walk, 0),
            .user = sql_i64(walk, 2),
            .created_at_ms = sql_i64(walk, 3),
            .used_at_ms = sql_i64(walk, 4),
            .expires_at_ms = sql_i64(walk, 5),
        };

        if (hash.len != STORE_HASH_LEN)
            continue;
        memcpy(session.hash, hash.ptr, STORE_HASH_LEN);
        fn(arg, &session);
    }
    return result;
}

/* --- invitations -------------------------------------------------------------------- */

int store_put_invitation(struct store *store, const struct store_invitation *invitation,
                         struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT OR REPLACE INTO invitation (user, hash, expires_at)"
                " VALUES (?1, ?2, ?3)",
                err);

    if (insert == NULL)
        return -1;
    sql_bind(insert, 1, invitation->user);
    sql_bind_blob(insert, 2, bytes_of(invitation->hash, STORE_HASH_LEN));
    sql_bind(insert, 3, invitation->expires_at_ms);
    return sql_run(insert, err) == 0 ? 0 : -1;
}

int store_drop_invitation(struct store *store, int64_t user, struct err *err)
{
    return run_row(sql_use(store->sql, "DELETE FROM invitation WHERE user = ?1", err),
                   user, err);
}

int store_each_invitation(struct store *store, store_invitation_fn *fn, void *arg,
                          struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql, "SELECT user, hash, expires_at FROM invitation", err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct bytes hash = sql_bytes(walk, 1);
        struct store_invitation invitation = {
            .user = sql_i64(walk, 0),
            .expires_at_ms = sql_i64(walk, 2),
        };

        if (hash.len != STORE_HASH_LEN)
            continue;
        memcpy(invitation.hash, hash.ptr, STORE_HASH_LEN);
        fn(arg, &invitation);
    }
    return result;
}
