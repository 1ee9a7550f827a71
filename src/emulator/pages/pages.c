/* SPDX-License-Identifier: MIT */

/* What people see in a browser: one table of pages. */

#include "emulator/frame/areas.h"
#include "emulator/frame/files.h"
#include "emulator/pages/debugger_stream.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"

/* --- assets ------------------------------------------------------------------------- */

static void give(struct exchange *exchange, const char *path, const char *content_type)
{
    buf_add(&exchange->out, files_find(path));
    exchange_answer(exchange, 200, content_type);
    exchange_set_header(exchange, "Cache-Control", "no-cache");
    exchange_set_header(exchange, "X-Content-Type-Options", "nosniff");
}

static void get_style(struct exchange *exchange)
{
    give(exchange, "assets/emulator.css", "text/css; charset=utf-8");
}

static void get_script(struct exchange *exchange)
{
    give(exchange, "assets/emulator.js", "text/javascript; charset=utf-8");
}

static void get_icon(struct exchange *exchange)
{
    give(exchange, "assets/icon.svg", "image/svg+xml");
}

/* --- the table ---------------------------------------------------------------------- */

static void missing(struct exchange *exchange, enum route_missing why)
{
    page_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404, "there is no such page");
}

static const struct route routes[] = {
    /* One page a line, each in the file that knows the thing (page_routes.h). */
    {"GET", "/assets/emulator.css", get_style, FIDELITY_GUESS, NULL},
    {"GET", "/assets/emulator.js", get_script, FIDELITY_GUESS, NULL},
    {"GET", "/assets/icon.svg", get_icon, FIDELITY_GUESS, NULL},
    {"GET", "/", page_get_home, FIDELITY_GUESS, NULL},
    {"POST", "/", page_post_home, FIDELITY_GUESS, NULL},
    {"GET", "/catalog", catalog_get_list, FIDELITY_GUESS, NULL},
    {"GET", "/catalog/{}/{}", catalog_get_item, FIDELITY_GUESS, NULL},
    {"POST", "/catalog/{}/{}", catalog_post_item, FIDELITY_GUESS, NULL},
    {"GET", "/sources/{}/{}", source_get_overview, FIDELITY_GUESS, NULL},
    {"GET", "/sources/{}/{}/debugger", debugger_get_page, FIDELITY_GUESS, NULL},
    {"GET", "/sources/{}/{}/debugger/stream", debugger_get_stream, FIDELITY_GUESS, NULL},
    {"GET", "/destinations/{}/{}/{}", destination_get_settings, FIDELITY_GUESS, NULL},
    {"POST", "/destinations/{}/{}/{}", destination_post_settings, FIDELITY_GUESS, NULL},
    {"GET", "/destinations/{}/{}/{}/tester", tester_get_page, FIDELITY_GUESS, NULL},
    {"POST", "/destinations/{}/{}/{}/tester", tester_post_page, FIDELITY_GUESS, NULL},
    {"GET", "/destinations/{}/{}/{}/delivery", delivery_get_page, FIDELITY_GUESS, NULL},
    {"POST", "/destinations/{}/{}/{}/delivery", delivery_post_page, FIDELITY_GUESS, NULL},
    {"GET", "/developer", developer_get_info, FIDELITY_GUESS, NULL},
    {"POST", "/developer", developer_post_info, FIDELITY_GUESS, NULL},
    {"GET", "/developer/oauth", developer_get_oauth, FIDELITY_GUESS, NULL},
    {"POST", "/developer/oauth", developer_post_oauth, FIDELITY_GUESS, NULL},
    {"GET", "/developer/components", developer_get_components, FIDELITY_GUESS, NULL},
    {"POST", "/developer/components", developer_post_components, FIDELITY_GUESS, NULL},
    {"GET", "/developer/build", developer_get_build, FIDELITY_GUESS, NULL},
    {"POST", "/developer/build", developer_post_build, FIDELITY_GUESS, NULL},
    {"GET", "/developer/test", developer_get_test, FIDELITY_GUESS, NULL},
    {"POST", "/developer/test", developer_post_test, FIDELITY_GUESS, NULL},
    {"GET", "/developer/publish", developer_get_publish, FIDELITY_GUESS, NULL},
    {.method = NULL},
};

const struct area page_area = {
    .title = "Pages",
    .prefix = "/",
    .routes = routes,
    .body_bytes = 1 << 20,
    .is_own = true,
    .missing_fn = missing,
};
