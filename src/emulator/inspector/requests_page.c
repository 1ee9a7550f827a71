/* SPDX-License-Identifier: MIT */

/* The page Requests: every call that was made to the roles that Segment plays. */

#include <stdio.h>

#include "base/html.h"
#include "base/time_text.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/inspector/inspector.h"
#include "emulator/inspector/inspector_show.h"
#include "emulator/inspector/masking.h"
#include "emulator/inspector/replay.h"
#include "emulator/inspector/requests.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/pretty.h"
#include "emulator/world/world.h"

enum { SHOWN = 200, CURL_BYTES = 1 << 18, TIME_OF_DAY_AT = 11, HEADER_LINES = 6 };

/* --- the list ----------------------------------------------------------------------- */

static void show_status(struct buf *out, const struct inspector_call *call)
{
    if (call->status == 0)
        html_add(out, "<span class=\"is-error\">no answer</span>");
    else
        html_addf(out, "<span class=\"%s\">%d</span>",
                  call->status < 400 ? "is-ok" : "is-error", call->status);
    if (call->fault != 0)
        html_addf(out, " <span class=\"badge is-warn\">f%d</span>", (int)call->fault);
}

static void show_row(struct buf *out, const struct inspector_call *call)
{
    char at[TIME_TEXT_LEN + 1];

    time_text_format(call->at_ms, at);
    html_addf(out,
              "<tr><td><a href=\"/requests/%l\">%l</a></td><td><time datetime=\"%s\">"
              "%s</time></td><td>%s</td><td><code>%b</code></td><td><code>%b</code>",
              (int64_t)call->number, (int64_t)call->number, at, at + TIME_OF_DAY_AT,
              call->area, &call->method, &call->target);
    if (call->remark.len > 0)
        html_addf(out, "<br><span class=\"is-warn\">%b</span>", &call->remark);
    html_add(out, "</td><td>");
    show_status(out, call);
    html_addf(out, "</td><td class=\"number\">%l</td></tr>\n", call->duration_us / 1000);
}

static void show_list(struct exchange *exchange, struct bytes area)
{
    const struct inspector_call *call = NULL;
    struct buf *out = &exchange->out;
    int left = SHOWN;

    html_add(out,
             "<table><thead><tr><th scope=\"col\">No.</th><th scope=\"col\">Time</th>"
             "<th scope=\"col\">Role</th><th scope=\"col\">Method</th>"
             "<th scope=\"col\">Path</th><th scope=\"col\">Status</th>"
             "<th scope=\"col\" class=\"number\">ms</th></tr></thead><tbody>\n");
    while (left > 0 &&
           (call = inspector_next(exchange->world->inspector, call)) != NULL) {
        if (!requests_has_area(call, area))
            continue;
        show_row(out, call);
        left--;
    }
    html_add(out, "</tbody></table>\n");
    if (left == SHOWN)
        html_add(out, "<p class=\"muted\">Nobody has called yet. Calls of OAuth, the "
                      "Config API, the Public API and the Tracking API show up "
                      "here.</p>\n");
}

static void get_list(struct exchange *exchange)
{
    const struct bytes area = exchange_query(exchange, "area");
    struct buf *out = &exchange->out;

    page_begin(exchange, &(struct page){.title = "Requests", .section = "Requests"});
    html_add(out, "<h1>Requests</h1>\n<div class=\"row\"><form method=\"get\" "
                  "class=\"row\"><label class=\"inline\">Role ");
    html_addf(out, "<input name=\"area\" value=\"%b\"></label><button>Filter</button>",
              &area);
    html_add(out, "</form><form method=\"post\" class=\"end\"><button name=\"do\" "
                  "value=\"clear\">Clear</button></form></div>\n");
    show_list(exchange, area);
    page_end(exchange);
}

static void post_list(struct exchange *exchange)
{
    if (posted_is(exchange, "do", "clear"))
        inspector_clear(exchange->world->inspector);
    exchange_redirect(exchange, 303, "/requests");
}

/* --- one call ----------------------------------------------------------------------- */

static void show_side(struct buf *out, const char *title, struct bytes headers,
                      struct bytes body)
{
    html_addf(out, "<section class=\"panel\"><h2>%s</h2><pre>%b</pre>", title, &headers);
    if (body.len > 0)
        pretty_show(out, body);
    html_add(out, "</section>\n");
}

static void show_facts(struct buf *out, const struct inspector_call *call)
{
    char at[TIME_TEXT_LEN + 1];

    time_text_format(call->at_ms, at);
    html_addf(out, "<h1><code>%b</code> <code>%b</code></h1>\n<p>%s · %s · ",
              &call->method, &call->target, call->area, at);
    show_status(out, call);
    html_addf(out, " · %l µs</p>\n", call->duration_us);
    if (call->fault != 0)
        html_addf(out,
                  "<p class=\"note is-warn\">The fault f%d was injected here: see <a "
                  "href=\"/faults\">Faults</a>.</p>\n",
                  (int)call->fault);
    if (call->remark.len > 0)
        html_addf(out, "<p class=\"note is-warn\">%b.</p>\n", &call->remark);
}

static void show_curl(struct exchange *exchange, const struct inspector_call *call)
{
    cleanup(buf_done) struct buf curl = {0};
    struct bytes text;

    buf_init(&curl, CURL_BYTES);
    inspector_curl(exchange->emulator, call, &curl);
    text = buf_bytes(&curl);
    html_addf(&exchange->out,
              "<section class=\"panel\"><h2>As curl</h2><pre id=\"curl\">%b</pre>"
              "<button data-copy=\"curl\" hidden>Copy</button> <span class=\"hint\">The "
              "variables are those of <code>partnerapp emulator env</code>.</span>"
              "</section>\n",
              &text);
}

/* The credential that the call had, as far as its scheme tells. */
static enum replay_credential guess(const struct inspector_call *call)
{
    const struct bytes headers = call->request_headers;

    if (bytes_find(headers, BYTES("uthorization: Bearer ")) < headers.len)
        return REPLAY_BEARER;
    if (bytes_find(headers, BYTES("uthorization: Basic ")) == headers.len)
        return REPLAY_NOBODY;
    return call->where != NULL && strcmp(call->where, "tracking") == 0 ? REPLAY_WRITE_KEY
                                                                       : REPLAY_APP;
}

static void show_credential(struct buf *out, const struct inspector_call *call)
{
    const enum replay_credential had = guess(call);

    input_choice_begin(out, "credential", BYTES("Who asks"));
    input_option(out, BYTES("nobody"), BYTES("nobody: no Authorization"),
                 had == REPLAY_NOBODY);
    input_option(out, BYTES("app"), BYTES("the app: its client id and secret, Basic"),
                 had == REPLAY_APP);
    input_option(out, BYTES("bearer"), BYTES("the token below, Bearer"),
                 had == REPLAY_BEARER);
    input_option(out, BYTES("write_key"), BYTES("the write key below, Basic"),
                 had == REPLAY_WRITE_KEY);
    input_choice_end(out, BYTES("What was sent then is not kept."));
    input_show(out, &(struct input){.name = "secret", .label = BYTES("Token or key")});
}

/* Headers that a replay sends again. */
static struct bytes repeated_headers(struct exchange *exchange,
                                     const struct inspector_call *call)
{
    cleanup(buf_done) struct buf text = {0};
    struct bytes lines = call->request_headers;

    buf_init(&text, lines.len + 1);
    while (lines.len > 0) {
        const struct bytes line = bytes_take_until(&lines, '\n');
        const struct bytes name = bytes_slice(line, 0, bytes_index(line, ':'));

        if (inspector_is_clients_own(name) ||
            bytes_find(line, BYTES(MASKING_MARK)) < line.len)
            continue;
        buf_add(&text, line);
        buf_add_char(&text, '\n');
    }
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

static void show_replay(struct exchange *exchange, const struct inspector_call *call)
{
    struct buf *out = &exchange->out;

    html_add(out, "<section class=\"panel\"><h2>Edit and replay</h2>");
    input_form(out, NULL);
    input_show(out, &(struct input){.name = "method",
                                    .label = BYTES("Method"),
                                    .value = call->method});
    input_show(out, &(struct input){
                        .name = "target", .label = BYTES("Path"), .value = call->target});
    input_show(out, &(struct input){.name = "headers",
                                    .label = BYTES("Headers"),
                                    .value = repeated_headers(exchange, call),
                                    .n_lines = HEADER_LINES});
    input_show(out, &(struct input){.name = "body",
                                    .label = BYTES("Body"),
                                    .value = call->request_body,
                                    .hint = BYTES("Type again what stands as "
                                                  "" MASKING_MARK "."),
                                    .n_lines = 2 * HEADER_LINES});
    show_credential(out, call);
    html_add(out, "<button>Replay</button></form></section>\n");
}

static void get_one(struct exchange *exchange)
{
    const struct inspector_call *call = requests_of_params(exchange);
    struct buf *out = &exchange->out;

    if (call == NULL) {
        page_refuse(exchange, 404, "there is no such request (any more)");
        return;
    }
    page_begin(exchange, &(struct page){.title = "Request", .section = "Requests"});
    show_facts(out, call);
    html_add(out, "<div class=\"columns\">");
    show_side(out, "Request", call->request_headers, call->request_body);
    show_side(out, "Response", call->response_headers, call->response_body);
    html_add(out, "</div>\n");
    show_curl(exchange, call);
    show_replay(exchange, call);
    page_end(exchange);
}

/* --- replay ------------------------------------------------------------------------- */

static void on_replayed(struct exchange *exchange, const struct inspector_call *call)
{
    if (call == NULL) {
        exchange_refuse(exchange, 502, "the replay got no answer");
        return;
    }
    exchange_redirect(exchange, 303,
                      arena_printf(&exchange->arena, "/requests/%llu",
                                   (unsigned long long)call->number));
}

static void post_one(struct exchange *exchange)
{
    const struct inspector_call *call = requests_of_params(exchange);

    if (call == NULL) {
        page_refuse(exchange, 404, "there is no such request (any more)");
        return;
    }
    const struct replay replay = {
        .number = call->number,
        .is_public = call->where != NULL && strcmp(call->where, "public") == 0,
        .method = posted_field(exchange, "method"),
        .target = posted_field(exchange, "target"),
        .headers = posted_text(exchange, "headers"),
        .body = posted_text(exchange, "body"),
        .credential = replay_credential_of(posted_field(exchange, "credential")),
        .secret = posted_field(exchange, "secret"),
    };
    replay_start(exchange, &replay, on_replayed);
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    page_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404, "there is no such page");
}

static const struct route routes[] = {
    {"GET", "/requests", get_list, FIDELITY_GUESS, NULL},
    {"POST", "/requests", post_list, FIDELITY_GUESS, NULL},
    {"GET", "/requests/{}", get_one, FIDELITY_GUESS, NULL},
    {"POST", "/requests/{}", post_one, FIDELITY_GUESS, NULL},
    {.method = NULL},
};

const struct area requests_area = {
    .title = "Requests",
    .prefix = "/requests/",
    .routes = routes,
    .body_bytes = 1 << 20,
    .is_own = true,
    .missing_fn = missing,
};
