/* SPDX-License-Identifier: MIT */

#include "store/reader_rows.h"

int reader_versions(struct reader *reader, struct bytes name,
                    struct reader_versions *ret_versions, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql,
                "SELECT id, created_at, sha256 FROM function_version WHERE name = ?1"
                " ORDER BY id DESC LIMIT ?2",
                err);
    int result;

    ret_versions->n = 0;
    if (select == NULL)
        return -1;
    sql_bind_text(select, 1, name);
    sql_bind(select, 2, READER_VERSIONS);
    while ((result = sql_step(select, err)) == SQL_ROW) {
        struct reader_version *version = &ret_versions->list[ret_versions->n++];
        struct bytes sum = sql_bytes(select, 2);

        *version = (struct reader_version){.row = sql_i64(select, 0),
                                           .created_at_ms = sql_i64(select, 1)};
        if (sum.len == sizeof(version->sha256))
            memcpy(version->sha256, sum.ptr, sum.len);
    }
    return result;
}

int reader_version_source(struct reader *reader, struct bytes name, int64_t row,
                          struct buf *ret_source, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql,
                "SELECT source FROM function_version WHERE id = ?1 AND name = ?2", err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, row);
    sql_bind_text(select, 2, name);
    result = sql_step(select, err);
    if (result == SQL_ROW)
        buf_add(ret_source, sql_bytes(select, 0));
    return result;
}
