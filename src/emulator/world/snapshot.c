/* SPDX-License-Identifier: MIT */

#include "emulator/world/snapshot.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/mem.h"
#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

#define FORMAT "partnerapp-emulator-snapshot"
#define TABLES                                                                           \
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"   \
    " AND sql NOT LIKE '%-- not in snapshots%' ORDER BY name"

enum { VERSION = 1, MAX_TABLES = 64, MAX_COLUMNS = 32, SQL_BYTES = 8192 };

struct table {
    struct bytes name;
    struct bytes columns[MAX_COLUMNS];
    size_t n_columns;
};

/* What there is, in an arena. */
struct shape {
    struct arena arena;
    struct table tables[MAX_TABLES];
    size_t n_tables;
};

static void shape_done(struct shape *shape)
{
    arena_done(&shape->arena);
}

static struct bytes keep(struct shape *shape, struct bytes text)
{
    return bytes_of(arena_copy(&shape->arena, text), text.len);
}

static void read_columns(struct world *world, struct shape *shape, struct table *table)
{
    struct sql_statement *row =
        world_use(world, "SELECT name FROM pragma_table_info(?1) ORDER BY cid");

    sql_bind_text(row, 1, table->name);
    while (table->n_columns < MAX_COLUMNS && world_step(world, row))
        table->columns[table->n_columns++] = keep(shape, sql_bytes(row, 0));
    sql_reset(row);
}

static void read_shape(struct world *world, struct shape *shape)
{
    struct sql_statement *row;

    *shape = (struct shape){0};
    arena_init(&shape->arena);
    row = world_use(world, TABLES);
    while (shape->n_tables < MAX_TABLES && world_step(world, row))
        shape->tables[shape->n_tables++].name = keep(shape, sql_bytes(row, 0));
    sql_reset(row);
    for (size_t i = 0; i < shape->n_tables; i++)
        read_columns(world, shape, &shape->tables[i]);
}

static const struct table *find_table(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->n_tables; i++) {
        if (bytes_eq(shape->tables[i].name, bytes_str(name)))
            return &shape->tables[i];
    }
    return NULL;
}

static bool has_column(const struct table *table, struct bytes name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (bytes_eq(table->columns[i], name))
            return true;
    }
    return false;
}

/* --- writing ------------------------------------------------------------------------ */

static void write_blob(struct write *write, struct bytes blob)
{
    char *hex = mem_zero(2 * blob.len + 1);

    hex_encode((const uint8_t *)blob.ptr, blob.len, hex);
    write_object(write);
    write_member_text(write, "hex", hex);
    write_object_end(write);
    free(hex);
}

/* The column before it says of what type it is. */
static void write_cell(struct sql_statement *row, int column, struct write *write)
{
    const struct bytes type = sql_bytes(row, column);

    if (bytes_eq(type, BYTES("null")))
        write_null(write);
    else if (bytes_eq(type, BYTES("integer")))
        write_i64(write, sql_i64(row, column + 1));
    else if (bytes_eq(type, BYTES("blob")))
        write_blob(write, sql_bytes(row, column + 1));
    else
        write_string(write, sql_bytes(row, column + 1));
}

static struct sql_statement *select_all(struct world *world, const struct table *table,
                                        struct err *err)
{
    cleanup(buf_done) struct buf sql = {0};

    buf_init(&sql, SQL_BYTES);
    buf_add_text(&sql, "SELECT ");
    for (size_t i = 0; i < table->n_columns; i++)
        buf_addf(&sql, "%stypeof(\"%.*s\"), \"%.*s\"", i > 0 ? ", " : "",
                 BYTES_FMT(table->columns[i]), BYTES_FMT(table->columns[i]));
    buf_addf(&sql, " FROM \"%.*s\"", BYTES_FMT(table->name));
    return sql_make(world->sql, buf_text(&sql), err);
}

static void write_rows(struct world *world, const struct table *table,
                       struct write *write)
{
    struct err err = {0};
    struct sql_statement *row = select_all(world, table, &err);

    write_key(write, "rows");
    write_array(write);
    while (row != NULL && sql_step(row, &err) == SQL_ROW) {
        write_array(write);
        for (size_t i = 0; i < table->n_columns; i++)
            write_cell(row, (int)(2 * i), write);
        write_array_end(write);
    }
    write_array_end(write);
    sql_free(row);
}

static void write_table(struct world *world, const struct table *table,
                        struct write *write)
{
    write_key_string(write, table->name);
    write_object(write);
    write_key(write, "columns");
    write_array(write);
    for (size_t i = 0; i < table->n_columns; i++)
        write_string(write, table->columns[i]);
    write_array_end(write);
    write_rows(world, table, write);
    write_object_end(write);
}

void snapshot_write(struct world *world, struct write *write)
{
    cleanup(shape_done) struct shape shape = {0};

    world_save(world);
    read_shape(world, &shape);
    write_object(write);
    write_member_text(write, "format", FORMAT);
    write_member_i64(write, "version", VERSION);
    write_key(write, "tables");
    write_object(write);
    for (size_t i = 0; i < shape.n_tables; i++)
        write_table(world, &shape.tables[i], write);
    write_object_end(write);
    write_object_end(write);
}

/* --- judging ------------------------------------------------------------------------ */

static bool is_hex(const struct json *cell)
{
    const struct json *hex = json_get(cell, "hex");

    return json_count(cell) == 1 && json_kind(hex) == JSON_STRING &&
           json_string(hex).len % 2 == 0;
}

static bool is_cell(const struct json *cell)
{
    switch (json_kind(cell)) {
    case JSON_NULL:
    case JSON_INTEGER:
    case JSON_STRING:
        return true;
    case JSON_OBJECT:
        return is_hex(cell);
    case JSON_MISSING:
    case JSON_BOOL:
    case JSON_REAL:
    case JSON_ARRAY:
        break;
    }
    return false;
}

static int check_row(const char *name, const struct json *row, size_t n_columns,
                     struct err *err)
{
    if (json_kind(row) != JSON_ARRAY || json_count(row) != n_columns)
        return err_set(err, "%.40s: a row has one cell a column", name);
    for (size_t i = 0; i < n_columns; i++) {
        if (!is_cell(json_at(row, i)))
            return err_set(err,
                           "%.40s: a cell is a whole number, a text, null or "
                           "{\"hex\":\"…\"}",
                           name);
    }
    return 0;
}

static int check_table(const struct shape *shape, const char *name,
                       const struct json *content, struct err *err)
{
    const struct table *table = find_table(shape, name);
    const struct json *columns = json_get(content, "columns");
    const struct json *rows = json_get(content, "rows");
    const size_t n_columns = json_count(columns);

    if (table == NULL)
        return err_set(err, "there is no table %.40s", name);
    if (json_kind(columns) != JSON_ARRAY || json_kind(rows) != JSON_ARRAY ||
        n_columns == 0 || n_columns > table->n_columns)
        return err_set(err, "%.40s: a table has columns and rows", name);
    for (size_t i = 0; i < n_columns; i++) {
        if (!has_column(table, json_string(json_at(columns, i))))
            return err_set(err, "%.40s has no such column as the %zu. one", name, i + 1);
    }
    for (size_t i = 0; i < json_count(rows); i++) {
        if (check_row(name, json_at(rows, i), n_columns, err) < 0)
            return -1;
    }
    return 0;
}

static int check(const struct shape *shape, const struct json *json, struct err *err)
{
    const struct json *tables = json_get(json, "tables");
    const struct json *content;
    const char *name;
    void *cursor = NULL;

    if (!bytes_eq(json_string(json_get(json, "format")), BYTES(FORMAT)))
        return err_set(err, "this is no snapshot of a local Segment");
    if (json_i64(json_get(json, "version")) != VERSION)
        return err_set(err, "the snapshot is of another version");
    if (json_count(json_path(tables, "world.rows")) == 0)
        return err_set(err, "the snapshot has no table world");
    while (json_next(tables, &cursor, &name, &content)) {
        if (check_table(shape, name, content, err) < 0)
            return -1;
    }
    return 0;
}

/* --- loading ------------------------------------------------------------------------ */

static struct sql_statement *make_insert(struct world *world, const char *name,
                                         const struct json *columns, struct err *err)
{
    cleanup(buf_done) struct buf sql = {0};

    buf_init(&sql, SQL_BYTES);
    buf_addf(&sql, "INSERT INTO \"%s\" (", name); /* names that exist: check_table */
    for (size_t i = 0; i < json_count(columns); i++)
        buf_addf(&sql, "%s\"%.*s\"", i > 0 ? ", " : "",
                 BYTES_FMT(json_string(json_at(columns, i))));
    buf_add_text(&sql, ") VALUES (");
    for (size_t i = 0; i < json_count(columns); i++)
        buf_addf(&sql, "%s?%zu", i > 0 ? ", " : "", i + 1);
    buf_add_char(&sql, ')');
    return sql_make(world->sql, buf_text(&sql), err);
}

/* False: no hexadecimal digits. */
static bool bind_hex(struct arena *arena, struct sql_statement *statement, int index,
                     struct bytes hex)
{
    uint8_t *blob = arena_zero(arena, hex.len / 2 + 1);

    if (!hex_decode(hex, blob, hex.len / 2))
        return false;
    sql_bind_blob(statement, index, bytes_of(blob, hex.len / 2));
    return true;
}

/* An empty text becomes NULL, as everywhere. */
static bool bind(struct arena *arena, struct sql_statement *statement, int index,
                 const struct json *cell)
{
    if (json_kind(cell) == JSON_INTEGER)
        sql_bind(statement, index, json_i64(cell));
    else if (json_kind(cell) == JSON_STRING)
        sql_bind_text(statement, index, json_string(cell));
    else if (json_kind(cell) == JSON_OBJECT)
        return bind_hex(arena, statement, index, json_string(json_get(cell, "hex")));
    else
        sql_bind_null(statement, index);
    return true;
}

static int insert_row(struct sql_statement *statement, const char *name,
                      const struct json *row, struct err *err)
{
    struct arena arena;
    bool is_bound = true;
    int result = -1;

    arena_init(&arena);
    for (size_t i = 0; i < json_count(row) && is_bound; i++)
        is_bound = bind(&arena, statement, (int)i + 1, json_at(row, i));
    if (!is_bound)
        (void)err_set(err, "%.40s: hex is pairs of digits", name);
    else
        result = sql_run(statement, err);
    sql_reset(statement);
    arena_done(&arena);
    if (result == SQL_EXISTS)
        return err_set(err, "%.40s: a row is there twice", name);
    return result;
}

static int fill_table(struct world *world, const char *name, const struct json *content,
                      struct err *err)
{
    const struct json *rows = json_get(content, "rows");
    struct sql_statement *statement =
        make_insert(world, name, json_get(content, "columns"), err);
    int result = statement != NULL ? 0 : -1;

    for (size_t i = 0; i < json_count(rows) && result == 0; i++)
        result = insert_row(statement, name, json_at(rows, i), err);
    sql_free(statement);
    return result;
}

static int fill(struct world *world, const struct json *tables, struct err *err)
{
    const struct json *content;
    const char *name;
    void *cursor = NULL;

    while (json_next(tables, &cursor, &name, &content)) {
        if (fill_table(world, name, content, err) < 0)
            return -1;
    }
    return 0;
}

int snapshot_load(struct world *world, const struct json *json, struct err *err)
{
    cleanup(shape_done) struct shape shape = {0};
    cleanup(buf_done) struct buf schema = {0};

    buf_init(&schema, SQL_BYTES);
    read_shape(world, &shape);
    if (check(&shape, json, err) < 0)
        return -1;
    (void)world_get(world, "schema", &schema);
    world_empty(world);
    if (fill(world, json_get(json, "tables"), err) < 0) {
        world_abort(world); /* what a rule of the schema refuses */
        return -1;
    }
    world_set(world, "schema", buf_bytes(&schema));
    world_reload(world);
    return 0;
}

/* --- controls ----------------------------------------------------------------------- */

void control_get_snapshot(struct exchange *exchange)
{
    struct write write;

    write_init(&write, &exchange->out);
    snapshot_write(exchange->world, &write);
    exchange_answer(exchange, 200, "application/json");
}

void control_put_snapshot(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    struct err err = {0};

    if (body == NULL)
        return;
    if (snapshot_load(exchange->world, body, &err) < 0)
        exchange_refuse(exchange, 400, "%s", err.text);
    else
        exchange_json(exchange, 200, BYTES("{}"));
}
