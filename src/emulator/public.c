/* SPDX-License-Identifier: MIT */
#include "emulator/areas.h"
static void missing(struct exchange *exchange, enum route_missing why)
{
    (void)why;
    exchange_refuse(exchange, 404, "x");
}
static const struct route routes[] = {{.method = NULL}};
const struct area public_area = {.title = "Public API", .prefix = "/", .routes = routes, .body_bytes = 8 << 20, .missing_fn = missing};
