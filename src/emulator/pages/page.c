/* SPDX-License-Identifier: MIT */

#include "emulator/pages/page.h"

#include <stdio.h>

#include "base/form.h"
#include "base/html.h"
#include "base/time_text.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"

enum { TARGET_BYTES = 2048, TIME_OF_DAY_AT = 11 };

/* No script or style of the page's own text runs, nothing is fetched from elsewhere. A
 * bare page's form may lead to the app that sent the person here, so it has no
 * form-action: browsers apply it to redirects as well. */
#define POLICY                                                                           \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "          \
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

static const struct {
    const char *section, *path;
} sections[] = {
    {"Workspaces", "/"},       {"Catalog", "/catalog"}, {"Developer", "/developer"},
    {"Requests", "/requests"}, {"Faults", "/faults"},   {"Differences", "/differences"},
};

/* --- the bar ------------------------------------------------------------------------ */

/* Where a button of the bar comes back to: this path, when it needs no encoding. */
static struct bytes way_back(const struct exchange *exchange)
{
    const struct bytes path = exchange->route_path;

    for (size_t i = 0; i < path.len; i++) {
        const char c = path.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
            strchr("/-_.", c) == NULL)
            return BYTES("/");
    }
    return path.len > 0 ? path : BYTES("/");
}

static void show_clock(struct exchange *exchange, bool has_buttons)
{
    struct buf *out = &exchange->out;
    struct world *world = exchange->world;
    const struct bytes back = way_back(exchange);
    char now[TIME_TEXT_LEN + 1], time_of_day[9];

    time_text_format(world_now_ms(world), now);
    snprintf(time_of_day, sizeof(time_of_day), "%.8s", now + TIME_OF_DAY_AT);
    html_addf(out,
              "<div class=\"bar-state\"><span>clock <time datetime=\"%s\" "
              "title=\"%s\">%s</time>%s</span>",
              now, now, time_of_day, world->clock.rate > 0 ? "" : " (frozen)");
    if (has_buttons)
        html_addf(out,
                  "<form method=\"post\" action=\"/\"><input type=\"hidden\" name=\"do\" "
                  "value=\"advance\"><input type=\"hidden\" name=\"by\" value=\"2h\">"
                  "<input type=\"hidden\" name=\"back\" value=\"%b\"><button "
                  "class=\"small\" aria-label=\"+2h: move the clock by two hours\">+2h"
                  "</button></form>",
                  &back);
    html_addf(out, "<span>world: %s</span></div>",
              world->name[0] != '\0' ? world->name : "-");
}

static void show_bar(struct exchange *exchange, bool has_buttons)
{
    struct buf *out = &exchange->out;
    const int n = (int)faults_n_active(exchange->world);

    html_addf(out, "<div class=\"bar%s\" role=\"region\" aria-label=\"What this is\">",
              n > 0 ? " is-faulty" : "");
    html_add(out, "<p>Local emulator: not Segment. Nothing leaves this machine.</p>");
    if (n > 0)
        html_addf(out, "<p class=\"bar-faults\"><a href=\"/faults\">⚠ %d %s on</a></p>",
                  n, n == 1 ? "fault is" : "faults are");
    show_clock(exchange, has_buttons);
    html_add(out, "</div>\n");
}

/* --- notes -------------------------------------------------------------------------- */

static const struct {
    const char *key, *text;
} notes[PAGE_NOTE_N] = {
    [PAGE_NOTE_APP_UPDATED] = {"app", "App updated!"},
    [PAGE_NOTE_SECRET_REGENERATED] = {"secret", "The app has a new client secret."},
    [PAGE_NOTE_DESTINATION_SAVED] = {"destination", "Destination saved."},
    [PAGE_NOTE_RESET] = {"reset", "This world is back at its beginning."},
    [PAGE_NOTE_CLOCK_MOVED] = {"moved", "The clock has moved."},
    [PAGE_NOTE_CLOCK_CHANGED] = {"clock", "The clock has changed."},
    [PAGE_NOTE_HURRIED] = {"hurried", "What was waiting is being sent now."},
};

static const char *find_note(struct bytes query)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes key;

    buf_init(&scratch, TARGET_BYTES);
    if (!form_find(query, "done", &scratch, &key))
        return NULL;
    for (size_t i = 1; i < COUNT(notes); i++) {
        if (bytes_eq(bytes_str(notes[i].key), key))
            return notes[i].text;
    }
    return NULL;
}

static void show_note(struct exchange *exchange)
{
    const char *note = find_note(exchange->query);

    if (note != NULL)
        html_addf(&exchange->out, "<p class=\"note is-ok\" role=\"status\">✔ %s</p>\n",
                  note);
}

void page_done(struct exchange *exchange, const char *path, enum page_note note)
{
    const char *separator = strchr(path, '?') != NULL ? "&" : "?";

    exchange_redirect(exchange, 303,
                      note == PAGE_NOTE_NONE
                          ? path
                          : arena_printf(&exchange->arena, "%s%sdone=%s", path, separator,
                                         notes[note].key));
}

/* --- the frame ---------------------------------------------------------------------- */

static void show_navigation(struct exchange *exchange, const char *current)
{
    struct buf *out = &exchange->out;

    html_add(out, "<header><nav aria-label=\"Main\"><ul>");
    for (size_t i = 0; i < COUNT(sections); i++) {
        html_addf(out, "<li><a href=\"%s\"", sections[i].path);
        if (strcmp(sections[i].section, current) == 0)
            html_add(out, " aria-current=\"page\"");
        html_addf(out, ">%s</a></li>", sections[i].section);
    }
    html_addf(out, "</ul></nav><p class=\"seed\">seed %l</p></header>\n",
              (int64_t)exchange->world->seed);
}

static void set_headers(struct exchange *exchange, bool is_bare)
{
    exchange_set_header(exchange, "Content-Security-Policy",
                        is_bare ? POLICY : POLICY "; form-action 'self'");
    exchange_set_header(exchange, "Cache-Control", "no-store");
    exchange_set_header(exchange, "X-Content-Type-Options", "nosniff");
    exchange_set_header(exchange, "Referrer-Policy", "same-origin");
}

void page_begin(struct exchange *exchange, const struct page *page)
{
    struct buf *out = &exchange->out;
    const bool is_bare = page->section == NULL;

    set_headers(exchange, is_bare);
    html_add(out,
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, "
             "initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n");
    html_addf(out, "<title>%s · Local emulator</title>\n", page->title);
    html_add(out, "<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n"
                  "<link rel=\"stylesheet\" href=\"/assets/emulator.css\">\n"
                  "<script src=\"/assets/emulator.js\" defer></script>\n</head>\n");
    html_addf(out,
              "<body class=\"%s\">\n<a class=\"skip\" href=\"#main\">Skip to content</a>"
              "\n",
              is_bare ? "is-bare" : "");
    show_bar(exchange, !is_bare);
    if (!is_bare)
        show_navigation(exchange, page->section);
    html_add(out, "<main id=\"main\" tabindex=\"-1\">\n");
    show_note(exchange);
}

void page_end(struct exchange *exchange)
{
    html_add(&exchange->out, "</main>\n</body>\n</html>\n");
    exchange_answer(exchange, exchange->status, "text/html; charset=utf-8");
}

void page_refuse(struct exchange *exchange, int status, const char *why)
{
    const struct bytes accept = exchange_header(exchange, "Accept");

    exchange_restart(exchange);
    if (bytes_find(accept, BYTES("text/html")) == accept.len) {
        exchange_refuse(exchange, status, "%s", why);
        return;
    }
    exchange->status = status;
    page_begin(exchange, &(struct page){.title = "That did not work", .section = ""});
    html_addf(&exchange->out,
              "<h1>%d</h1>\n<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n"
              "<p><a href=\"/\">Back to the workspaces</a></p>\n",
              status, why);
    page_end(exchange);
}
