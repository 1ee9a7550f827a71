/* SPDX-License-Identifier: MIT */

#include "base/mem.h"
#include "store/filed.h"
#include "store/inside.h"

/*
 * The background step: a slice is filed once all its numbers were handed out. It runs
 * behind the accepting transactions, so that they append only.
 */

static int remove_left_marks(struct store *store, int64_t up_to, struct err *err)
{
    struct sql_statement *remove =
        sql_use(store->sql, "DELETE FROM mark_left WHERE event <= ?1", err);

    if (remove == NULL)
        return -1;
    sql_bind(remove, 1, up_to);
    return sql_run(remove, err) == 0 ? 0 : -1;
}

static int save_indexed(struct store *store, int64_t indexed, struct err *err)
{
    struct sql_statement *update =
        sql_use(store->sql, "UPDATE progress SET indexed = ?1", err);

    if (update == NULL)
        return -1;
    sql_bind(update, 1, indexed);
    return sql_run(update, err) == 0 ? 0 : -1;
}

static int file_slice(struct store *store, void *arg, struct err *err)
{
    const struct dedupe_slice *slice = arg;
    const int64_t last_row = slice_first_row(slice->number + 1) - 1;

    if (filed_add(store->sql, slice->number, err) < 0 ||
        dedupe_add(&store->dedupe, store->sql, slice, err) < 0 ||
        remove_left_marks(store, last_row, err) < 0)
        return -1;
    return save_indexed(store, last_row, err);
}

int store_index_step(struct store *store, bool *ret_has_filed, struct err *err)
{
    struct dedupe_slice slice = {.number = slice_of(store->indexed + 1)};
    const int64_t last_row = slice_first_row(slice.number + 1) - 1;
    int result;

    *ret_has_filed = false;
    if (store->last_row < last_row)
        return 0;
    slice.entries = marks_list(&store->tail, last_row, &slice.n_entries);
    result = store_transact(store, file_slice, &slice, err);
    free(slice.entries);
    if (result < 0)
        return -1;
    /* Only now may the tail forget them: the tables answer for them. */
    store->indexed = last_row;
    marks_forget(&store->tail, last_row);
    *ret_has_filed = true;
    return 0;
}
