/* SPDX-License-Identifier: MIT */

/* What people see in a browser: one table of pages. */

#include "emulator/areas.h"

static void missing(struct exchange *exchange, enum route_missing why)
{
    exchange_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404,
                    "there is no such page");
}

static const struct route routes[] = {{.method = NULL}};

const struct area page_area = {
    .title = "Pages",
    .prefix = "/",
    .routes = routes,
    .body_bytes = 1 << 20,
    .is_own = true,
    .missing_fn = missing,
};
