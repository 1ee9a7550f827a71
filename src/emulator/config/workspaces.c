/* SPDX-License-Identifier: MIT */

/* Workspaces, as far as a token sees them (dossier §7.3). */

#include "emulator/config/answer.h"
#include "emulator/config/config.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/write.h"

#define COLUMNS "rowid, slug, display_name, id, create_time"

static void write_workspace(struct exchange *exchange, struct sql_statement *row,
                            struct write *write)
{
    (void)exchange;
    write_object(write);
    config_write_workspace_name(write, "name", sql_bytes(row, 1));
    write_member_string(write, "display_name", sql_bytes(row, 2));
    write_member_string(write, "id", sql_bytes(row, 3));
    write_member_time(write, "create_time", sql_i64(row, 4));
    write_object_end(write);
}

void config_list_workspaces(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "workspaces",
        .literal = "SELECT " COLUMNS " FROM workspace WHERE rowid > ?2"
                   " AND instr(',' || ?1 || ',', ',' || slug || ',') > 0"
                   " ORDER BY rowid LIMIT ?3",
        .of = config_caller(exchange)->workspaces,
        .write_fn = write_workspace,
    };

    config_answer_list(exchange, &list);
}

void config_get_workspace(struct exchange *exchange)
{
    config_answer_one(
        exchange, "SELECT " COLUMNS " FROM workspace WHERE 'workspaces/' || slug = ?1",
        config_name(exchange, 1), write_workspace);
}
