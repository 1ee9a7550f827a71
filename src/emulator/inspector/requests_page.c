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
#include "emulator/pages/duration.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/pretty.h"
#include "emulator/world/world.h"

enum { SHOWN = 200, CURL_BYTES = 1 << 18, HEADER_LINES = 6 };
enum { TIME_OF_DAY_AT = 11, TIME_OF_DAY_LEN = 12 }; /* 14:03:40.123 */

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
    struct bytes time_of_day;

    time_text_format(call->at_ms, at);
    time_of_day = bytes_slice(bytes_str(at), TIME_OF_DAY_AT, TIME_OF_DAY_LEN);
    html_addf(out,
              "<tr><td class=\"number\"><a href=\"/requests/%l\">%l<span "
              "class=\"unseen\">: look at it</span></a></td><td><time datetime=\"%s\" "
              "title=\"%s\">%b</time></td><td>%s</td><td><code>%b</code></td><td><code>"
              "%b</code>",
              (int64_t)call->number, (int64_t)call->number, at, at, &time_of_day,
              call->area, &call->method, &call->target);
    if (call->remark.len > 0)
        html_addf(out, "<br><span class=\"is-warn\">%b</span>", &call->remark);
    html_add(out, "</td><td>");
    show_status(out, call);
    html_add(out, "</td><td class=\"number\">");
    duration_show(out, call->duration_us);
    html_add(out, "</td></tr>\n");
}

/* What an empty table means, and what to do. */
static void show_nothing(struct buf *out, struct bytes area)
{
    if (area.len > 0)
        html_addf(out,
                  "<p class=\"muted\">No call of %b is kept. <a href=\"/requests\">Show "
                  "all roles</a>.</p>\n",
                  &area);
    else
        html_add(out, "<p class=\"muted\">Nobody has called yet. Calls of OAuth, the "
                      "Config API, the Public API and the Tracking API show up here: "
                      "press <em>Enable with Segment</em> in the partner's app, or send "
                      "an event with one of the snippets on <a href=\"/#sdk\">Workspaces"
                      "</a>.</p>\n");
}

static void show_list(struct exchange *exchange, struct bytes area)
{
    const struct inspector_call *call = NULL;
    struct buf *out = &exchange->out;
    int left = SHOWN;

    while (left > 0 &&
           (call = inspector_next(exchange->world->inspector, call)) != NULL) {
        if (!requests_has_area(call, area))
            continue;
        if (left-- == SHOWN)
            html_add(out,
                     "<table class=\"folds calls\"><thead><tr><th scope=\"col\" "
                     "class=\"number\">No.</th><th scope=\"col\">Time</th><th "
                     "scope=\"col\">Role</th><th scope=\"col\">Method</th><th "
                     "scope=\"col\">Path</th><th scope=\"col\">Status</th><th "
                     "scope=\"col\" class=\"number\">Took</th></tr></thead><tbody>\n");
        show_row(out, call);
    }
    if (left == SHOWN)
        show_nothing(out, area);
    else
        html_add(out, "</tbody></table>\n");
}

/* The roles that there are. */
static void show_roles(struct buf *out, const struct area *const *areas,
                       struct bytes chosen)
{
    for (; *areas != NULL; areas++) {
        const struct bytes title = bytes_str((*areas)->title);

        if (!(*areas)->is_own)
            input_option(out, title, title, bytes_eq_nocase(title, chosen));
    }
}

static void show_filter(struct buf *out, struct bytes area)
{
    html_add(out, "<form method=\"get\" class=\"row\"><label class=\"inline\">Role "
                  "<select name=\"area\">");
    input_option(out, BYTES(""), BYTES("All"), area.len == 0);
    show_roles(out, main_areas, area);
    show_roles(out, public_areas, area);
    html_add(out, "</select></label><button>Filter</button></form>");
}

static void get_list(struct exchange *exchange)
{
    const struct bytes area = exchange_query(exchange, "area");
    struct buf *out = &exchange->out;

    page_begin(exchange, &(struct page){.title = "Requests", .section = "Requests"});
    html_add(out, "<h1>Requests</h1>\n<div class=\"row\">");
    show_filter(out, area);
    html_add(out, "<form method=\"post\" class=\"end\"><button name=\"do\" "
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

/* The number of the call that this one is a replay of, or 0. */
static int64_t original_of(const struct inspector_call *call)
{
    const struct bytes name = BYTES("X-Emulator-Replay:");
    struct bytes lines = call->request_headers;
    int64_t number = 0;

    while (lines.len > 0) {
        const struct bytes line = bytes_take_until(&lines, '\n');

        if (bytes_starts(line, name) &&
            bytes_to_i64(bytes_trim(bytes_slice(line, name.len, line.len)), &number))
            return number;
    }
    return 0;
}

static void show_facts(struct buf *out, const struct inspector_call *call)
{
    char at[TIME_TEXT_LEN + 1];

    time_text_format(call->at_ms, at);
    html_addf(out, "<h1><code>%b</code> <code>%b</code></h1>\n<p>%s · <time>%s</time> · ",
              &call->method, &call->target, call->area, at);
    show_status(out, call);
    html_add(out, " · ");
    duration_show(out, call->duration_us);
    if (original_of(call) > 0)
        html_addf(out, " · a replay of <a href=\"/requests/%l\">%l</a>",
                  original_of(call), original_of(call));
    html_add(out, "</p>\n");
    if (call->fault != 0)
        html_addf(out,
                  "<p class=\"note is-warn\">The fault f%d was injected here: see <a "
                  "href=\"/faults\">Faults</a>.</p>\n",
                  (int)call->fault);
    if (call->remark.len > 0)
        html_addf(out, "<p class=\"note is-warn\">%b.</p>\n", &call->remark);
}

/* The same again at once, when nothing has to be typed for it. */
static void show_buttons(struct exchange *exchange, const struct inspector_call *call)
{
    struct buf *out = &exchange->out;
    struct replay replay;

    replay_of(exchange, call, &replay);
    html_add(out, "<div class=\"row actions\">");
    if (replay_problem(&replay) == NULL)
        html_add(out, "<form method=\"post\"><button name=\"do\" value=\"again\">Replay"
                      "</button></form>");
    html_add(out, "<a class=\"button\" href=\"#edit\">Edit and replay</a><button "
                  "data-copy=\"curl\" hidden>Copy as curl</button></div>\n");
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
              "<p class=\"hint\">The variables are those of <code>partnerapp emulator env"
              "</code>.</p></section>\n",
              &text);
}

static void show_credential(struct buf *out, const struct replay *replay)
{
    const enum replay_credential as = replay->credential;

    input_choice_begin(out, "credential", BYTES("Who asks"));
    input_option(out, BYTES("nobody"), BYTES("nobody: no Authorization"),
                 as == REPLAY_NOBODY);
    input_option(out, BYTES("app"), BYTES("the app: its client id and secret, Basic"),
                 as == REPLAY_APP);
    input_option(out, BYTES("bearer"), BYTES("the token below, Bearer"),
                 as == REPLAY_BEARER);
    input_option(out, BYTES("write_key"), BYTES("the write key below, Basic"),
                 as == REPLAY_WRITE_KEY);
    input_choice_end(out, BYTES("What was sent then is not kept."));
    input_show(out, &(struct input){.name = "secret",
                                    .label = BYTES("Token or key"),
                                    .value = replay->secret});
}

static void show_replay(struct exchange *exchange, const struct replay *replay)
{
    struct buf *out = &exchange->out;

    html_add(out, "<section class=\"panel\" id=\"edit\"><h2>Edit and replay</h2>");
    input_form(out, NULL);
    input_show(out, &(struct input){.name = "method",
                                    .label = BYTES("Method"),
                                    .value = replay->method});
    input_show(out, &(struct input){.name = "target",
                                    .label = BYTES("Path"),
                                    .value = replay->target});
    input_show(out, &(struct input){.name = "headers",
                                    .label = BYTES("Headers"),
                                    .value = replay->headers,
                                    .n_lines = HEADER_LINES});
    input_show(out, &(struct input){.name = "body",
                                    .label = BYTES("Body"),
                                    .value = replay->body,
                                    .hint = BYTES("Type again what stands as "
                                                  "" MASKING_MARK "."),
                                    .n_lines = 2 * HEADER_LINES});
    show_credential(out, replay);
    html_add(out, "<button class=\"main\">Replay</button></form></section>\n");
}

/* @replay: what stands in the form; @why: what is wrong with it, or NULL. */
static void show_one(struct exchange *exchange, const struct inspector_call *call,
                     const struct replay *replay, const char *why)
{
    struct buf *out = &exchange->out;

    if (why != NULL)
        exchange->status = 400;
    page_begin(exchange, &(struct page){.title = "Request", .section = "Requests"});
    show_facts(out, call);
    if (why != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", why);
    show_buttons(exchange, call);
    html_add(out, "<div class=\"columns\">");
    show_side(out, "Request", call->request_headers, call->request_body);
    show_side(out, "Response", call->response_headers, call->response_body);
    html_add(out, "</div>\n");
    show_curl(exchange, call);
    show_replay(exchange, replay);
    page_end(exchange);
}

static void get_one(struct exchange *exchange)
{
    const struct inspector_call *call = requests_of_params(exchange);
    struct replay replay;

    if (call == NULL) {
        page_refuse(exchange, 404, "there is no such request (any more)");
        return;
    }
    replay_of(exchange, call, &replay);
    show_one(exchange, call, &replay, NULL);
}

/* --- replay ------------------------------------------------------------------------- */

static void on_replayed(struct exchange *exchange, const struct inspector_call *call)
{
    if (call != NULL) {
        exchange_redirect(exchange, 303,
                          arena_printf(&exchange->arena, "/requests/%llu",
                                       (unsigned long long)call->number));
        return;
    }
    exchange->status = 502;
    page_begin(exchange, &(struct page){.title = "Request", .section = "Requests"});
    html_add(&exchange->out,
             "<h1>No answer</h1>\n<p class=\"note is-error\" role=\"alert\">✖ The "
             "replay got no answer.</p>\n<p><a href=\"/requests\">Back to the requests"
             "</a>: a fault may be on.</p>\n");
    page_end(exchange);
}

static void read_replay(struct exchange *exchange, struct replay *replay)
{
    replay->method = posted_field(exchange, "method");
    replay->target = posted_field(exchange, "target");
    replay->headers = posted_text(exchange, "headers");
    replay->body = posted_text(exchange, "body");
    replay->credential = replay_credential_of(posted_field(exchange, "credential"));
    replay->secret = posted_field(exchange, "secret");
}

static void post_one(struct exchange *exchange)
{
    const struct inspector_call *call = requests_of_params(exchange);
    struct replay replay;

    if (call == NULL) {
        page_refuse(exchange, 404, "there is no such request (any more)");
        return;
    }
    replay_of(exchange, call, &replay);
    if (!posted_is(exchange, "do", "again"))
        read_replay(exchange, &replay);
    if (replay_problem(&replay) != NULL)
        show_one(exchange, call, &replay, replay_problem(&replay));
    else
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
