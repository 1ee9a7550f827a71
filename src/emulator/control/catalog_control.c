/* SPDX-License-Identifier: MIT */

/* /_emulator/catalog/destinations/{}: a test shapes what its partner's destination asks
 * for. */

#include "emulator/config/definition.h"
#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "json/json.h"
#include "json/write.h"

void control_get_definition(struct exchange *exchange)
{
    struct write write;

    write_init(&write, &exchange->out);
    if (definition_write(exchange->world, exchange->params[0], &write))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_refuse(exchange, 404, "the catalog has no such destination");
}

void control_put_definition(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    char why[CONFIG_WHY_BYTES] = "";

    if (body == NULL)
        return;
    if (definition_change(exchange->world, exchange->params[0], body, why))
        control_get_definition(exchange);
    else
        exchange_refuse(exchange, 400, "%s", why);
}
