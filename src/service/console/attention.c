/* SPDX-License-Identifier: MIT */

#include "service/console/attention.h"

#include <stdio.h>

#include "core/enabling.h"
#include "service/courier_state.h"
#include "service/keeper.h"
#include "service/registrar.h"
#include "service/site.h"
#include "sys/clock.h"
#include "json/write.h"

enum { MAX_OF_A_KIND = 20, NEARLY_FULL_PER_CENT = 90 };

struct row {
    const char *kind, *subject, *text;
    int64_t since_ms;   /* wall; 0: not known */
    const char *folder; /* "/endpoints/"; the subject follows, unless there is a page */
    const char *page;
};

struct watch {
    struct write *json;
    size_t n; /* of this kind */
};

/* The subject is a stranger's choice: in a path only what needs no escaping stays. */
static void write_path(struct write *json, const struct row *row)
{
    cleanup(buf_done) struct buf path = {0};
    const char *last = row->page != NULL ? row->page : row->subject;

    buf_init(&path, 1024);
    buf_add_text(&path, row->folder);
    for (; *last != '\0'; last++) {
        bool is_plain = (*last >= '0' && *last <= '9') ||
                        (*last >= 'a' && *last <= 'z') ||
                        (*last >= 'A' && *last <= 'Z') || strchr("-._~:", *last) != NULL;

        if (is_plain)
            buf_add_char(&path, *last);
        else
            buf_addf(&path, "%%%02X", (unsigned)(unsigned char)*last);
    }
    write_member_string(json, "path", buf_bytes(&path));
}

static void write_row(struct watch *watch, const struct row *row)
{
    struct write *json = watch->json;

    if (watch->n++ >= MAX_OF_A_KIND)
        return;
    write_object(json);
    write_member_text(json, "kind", row->kind);
    write_member_text(json, "subject", row->subject);
    write_member_text(json, "text", row->text);
    write_member_time(json, "since", row->since_ms);
    write_path(json, row);
    write_object_end(json);
}

/* What did not fit is told in one row more. */
static void write_rest(struct watch *watch, const char *kind, const char *folder)
{
    char text[64];
    size_t n_more = watch->n > MAX_OF_A_KIND ? watch->n - MAX_OF_A_KIND : 0;

    watch->n = 0;
    snprintf(text, sizeof(text), "and %zu more", n_more);
    if (n_more > 0)
        write_row(watch, &(struct row){.kind = kind,
                                       .subject = kind,
                                       .text = text,
                                       .folder = folder,
                                       .page = ""});
    watch->n = 0;
}

/* --- endpoints ------------------------------------------------------------------------
 */

static size_t n_waiting(const struct courier *courier, const struct host *host)
{
    size_t n = 0;

    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        const struct line *line = list_entry(link, struct line, link);

        if (line->host == host)
            n += lines_n_waiting(line);
    }
    return n;
}

static int64_t failing_since_ms(const struct courier *courier, const struct host *host)
{
    int64_t ago_ms = loop_now_ms(courier->loop) - host->breaker.since_ms;

    return clock_wall_ms() - (ago_ms > 0 ? ago_ms : 0);
}

static bool is_failing(const struct host *host)
{
    return host->breaker.state != BREAKER_CLOSED || host->breaker.n_failures > 0;
}

/* The host works, but takes nothing from us. */
static bool refuses_key(const struct host *host)
{
    return host->last_status == 401 || host->last_status == 403;
}

static void watch_host(struct watch *watch, const struct courier *courier,
                       const struct host *host)
{
    char text[320];
    size_t n;
    int len;
    struct row row = {
        .kind = "endpoint", .subject = host->name, .text = text, .folder = "/endpoints/"};

    if (is_failing(host)) {
        row.since_ms = failing_since_ms(courier, host);
        n = n_waiting(courier, host);
        len = snprintf(text, sizeof(text), "%s%s", host->last_error,
                       host->is_paused ? "; paused" : "");
        if (n > 0)
            snprintf(text + len, sizeof(text) - (size_t)len, "; %zu waiting", n);
    } else if (refuses_key(host)) {
        row.since_ms = host->last_success_ms;
        snprintf(text, sizeof(text),
                 "answered %d: it does not accept what we sign in with",
                 host->last_status);
    } else {
        return;
    }
    write_row(watch, &row);
}

static void watch_hosts(struct watch *watch, const struct courier *courier)
{
    size_t cursor = 0;
    struct bytes key;
    void *host;

    while (map_next(&courier->hosts.by_name, &cursor, &key, &host))
        watch_host(watch, courier, host);
    write_rest(watch, "endpoint", "/endpoints");
}

/* --- installs, functions, the disk
 * ------------------------------------------------------
 */

static const char *fault_title(struct bytes code)
{
    for (int fault = ENABLING_FAULT_NONE + 1; fault < ENABLING_N_FAULTS; fault++) {
        const struct enabling_words *words = enabling_words((enum enabling_fault)fault);

        if (bytes_eq(code, bytes_str(words->code)))
            return words->title;
    }
    return "the last call to Segment failed";
}

static void watch_install(void *arg, const struct store_install *install)
{
    enum enabling_state state = enabling_state_parse(install->state);
    char subject[48], number[24];
    struct row row = {.kind = "install",
                      .subject = subject,
                      .since_ms = install->updated_at_ms,
                      .folder = "/installs/",
                      .page = number};

    if (state == ENABLING_REINSTALL)
        row.text = "Segment does not take our token any more: it must be installed again";
    else if (state == ENABLING_REVOKED)
        row.text = "the customer removed the app in Segment";
    else if (install->fault.len > 0)
        row.text = fault_title(install->fault);
    else
        return;
    snprintf(number, sizeof(number), "%lld", (long long)install->number);
    snprintf(subject, sizeof(subject), "installs/%s", number);
    write_row(arg, &row);
}

static void watch_functions(struct watch *watch, const struct courier *courier)
{
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        const struct line *line = list_entry(link, struct line, link);

        if (line->function.path == NULL || line->function.broken.text[0] == '\0')
            continue;
        write_row(watch, &(struct row){.kind = "function",
                                       .subject = line->name,
                                       .text = line->function.broken.text,
                                       .folder = "/functions/"});
    }
    write_rest(watch, "function", "/functions");
}

static void watch_disk(struct watch *watch, struct site *site)
{
    const struct snapshot *snapshot = atomic_load(&site->snapshot);
    int64_t limit_bytes = snapshot->config->limits.disk_bytes;
    int64_t used_bytes = keeper_store_bytes(site->keeper);
    const char *refusal = keeper_refusal(site->keeper);
    char text[160];
    struct row row = {.kind = "disk",
                      .subject = "store",
                      .text = text,
                      .folder = "/settings/",
                      .page = "health"};

    if (refusal != NULL)
        snprintf(text, sizeof(text), "no event is taken: %s", refusal);
    else if (used_bytes / NEARLY_FULL_PER_CENT >= limit_bytes / 100)
        snprintf(text, sizeof(text), "%lld of %lld MiB used", (long long)used_bytes >> 20,
                 (long long)limit_bytes >> 20);
    else
        return;
    write_row(watch, &row);
    watch->n = 0;
}

void attention_write(struct courier *courier, struct site *site, struct write *json)
{
    struct watch watch = {.json = json};

    watch_disk(&watch, site);
    watch_functions(&watch, courier);
    watch_hosts(&watch, courier);
    registrar_each(site->registrar, watch_install, &watch);
    write_rest(&watch, "install", "/installs");
}
