/* SPDX-License-Identifier: MIT */

/* One destination's settings. */

#include "emulator/pages/destination_page.h"

#include "base/err.h"
#include "base/html.h"
#include "emulator/config/definition.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/place.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/settings_form.h"
#include "emulator/pages/setup.h"
#include "emulator/pages/tabs.h"
#include "json/json.h"

void destination_page_begin(struct exchange *exchange, const struct place *place,
                            const char *tab)
{
    struct arena *arena = &exchange->arena;
    const struct tab tabs[] = {
        {"Settings", place->path},
        {"Event Tester", arena_printf(arena, "%s/tester", place->path)},
        {"Event Delivery", arena_printf(arena, "%s/delivery", place->path)},
        {NULL, NULL},
    };

    page_begin(exchange, &(struct page){.title = arena_printf(
                                            arena, "%.*s · %s",
                                            BYTES_FMT(place->destination_title), tab),
                                        .section = "Workspaces"});
    html_addf(&exchange->out,
              "<h1><bdi>%b</bdi> on <a href=\"/sources/%b/%b\"><bdi>%b</bdi></a> <span "
              "class=\"badge %s\">%s</span></h1>\n",
              &place->destination_title, &place->workspace, &place->slug,
              &place->source_title, place->is_enabled ? "is-ok" : "muted",
              place->is_enabled ? "● enabled" : "○ disabled");
    tabs_show(&exchange->out, "Destination", tabs, tab);
}

static void show_form(struct exchange *exchange, const struct place *place)
{
    struct buf *out = &exchange->out;
    const bool is_posted = bytes_eq(exchange->method, BYTES("POST"));
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", place->destination_slug);
    cleanup(json_freep) struct json *sensitive =
        definition_sensitive(exchange->world, place->destination_slug);
    cleanup(json_freep) struct json *values = NULL;
    struct err err = {0};

    if (json_parse(place->config, &values, &err) < 0)
        values = json_object();
    input_form(out, NULL);
    settings_form_show(exchange, &(struct settings_form){.item = item,
                                                         .values = values,
                                                         .sensitive = sensitive,
                                                         .is_posted = is_posted});
    input_tick(out, "enabled", BYTES("Turned on: events go there at once"),
               is_posted ? posted_is(exchange, "enabled", "true") : place->is_enabled);
    html_add(out, "<button class=\"main\">Save</button></form>\n");
}

static void show(struct exchange *exchange, const struct place *place, const char *why)
{
    struct buf *out = &exchange->out;

    if (why != NULL)
        exchange->status = 400;
    destination_page_begin(exchange, place, "Settings");
    if (why != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", why);
    html_addf(out, "<dl><dt>Name</dt><dd><code>%b</code></dd>", &place->destination);
    if (place->made_by.len > 0)
        html_addf(out, "<dt>Made by</dt><dd><bdi>%b</bdi></dd>", &place->made_by);
    html_add(out, "</dl>\n");
    show_form(exchange, place);
    page_end(exchange);
}

void destination_get_settings(struct exchange *exchange)
{
    struct place place;

    if (place_find_destination(exchange, &place))
        show(exchange, &place, NULL);
}

void destination_post_settings(struct exchange *exchange)
{
    struct place place;
    char why[CONFIG_WHY_BYTES] = "";

    if (!place_find_destination(exchange, &place))
        return;
    if (setup_save(exchange, place.destination, why))
        page_done(exchange, place.path, PAGE_NOTE_DESTINATION_SAVED);
    else
        show(exchange, &place, why);
}
