/* SPDX-License-Identifier: MIT */

/* The catalog, as it is stored (dossier §7.7): its shapes are those of the files. */

#include "emulator/config/answer.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/write.h"

static void write_item(struct exchange *exchange, struct sql_statement *row,
                       struct write *write)
{
    (void)exchange;
    write_raw(write, sql_bytes(row, 1));
}

static void list_items(struct exchange *exchange, const char *kind)
{
    const struct config_list list = {
        .member = kind,
        .literal = "SELECT rowid, body FROM catalog WHERE kind = ?1 AND rowid > ?2"
                   " ORDER BY rowid LIMIT ?3",
        .of = bytes_str(kind),
        .write_fn = write_item,
    };

    config_answer_list(exchange, &list);
}

void config_list_catalog_destinations(struct exchange *exchange)
{
    list_items(exchange, "destinations");
}

void config_list_catalog_sources(struct exchange *exchange)
{
    list_items(exchange, "sources");
}

void config_get_catalog_destination(struct exchange *exchange)
{
    config_answer_one(exchange,
                      "SELECT rowid, body FROM catalog WHERE kind = 'destinations'"
                      " AND slug = ?1",
                      exchange->params[0], write_item);
}

void config_get_catalog_source(struct exchange *exchange)
{
    config_answer_one(exchange,
                      "SELECT rowid, body FROM catalog WHERE kind = 'sources'"
                      " AND slug = ?1",
                      exchange->params[0], write_item);
}
