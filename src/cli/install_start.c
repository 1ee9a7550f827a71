/* SPDX-License-Identifier: MIT */

/* install start: the flow, with a person and a browser or by itself. */

#include <stdio.h>
#include <time.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/browser.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/install.h"
#include "cli/site_url.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

#define INSTALLS "/api/v1/installs"

enum { URL_BYTES = 2048, POLL_MS = 200 };

/* --- the end ------------------------------------------------------------------------ */

/* What interface §8 promises, from the answer of a start or from a row. */
static void print_json(const struct call *call, const struct json *row)
{
    static const char *const members[] = {"workspace", "source", "destination"};
    cleanup(buf_done) struct buf text = {0};
    char name[32];
    struct write write;

    snprintf(name, sizeof(name), "installs/%lld", (long long)install_number_of(row));
    buf_init(&text, INSTALL_TEXT_BYTES);
    write_init(&write, &text);
    write_object(&write);
    write_member_text(&write, "install", name);
    for (size_t i = 0; i < COUNT(members); i++) {
        struct bytes value = install_text(row, members[i]);

        write_key(&write, members[i]);
        if (value.len > 0)
            write_string(&write, value);
        else
            write_null(&write);
    }
    write_member_bool(&write, "created", json_bool(json_get(row, "created")));
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&text));
}

/* "sources/website" of "workspaces/acme/sources/website". */
static struct bytes below_workspace(struct bytes name)
{
    size_t at = bytes_find(name, BYTES("/sources/"));

    return at < name.len ? bytes_slice(name, at + 1, name.len) : name;
}

static void print_text_of(const struct call *call, const struct json *row)
{
    struct bytes scope = install_text(row, "scope");
    struct bytes source = below_workspace(install_text(row, "source"));

    print_text(&call->out, "installs/%lld  %.*s", (long long)install_number_of(row),
               BYTES_FMT(install_text(row, "workspace")));
    if (source.len > 0)
        print_text(&call->out, "  %.*s", BYTES_FMT(source));
    if (scope.len > 0)
        print_text(&call->out, "  scope %.*s", BYTES_FMT(scope));
    print_text(&call->out, "\n%s %.*s (enabled)\n",
               json_bool(json_get(row, "created")) ? "created" : "updated",
               BYTES_FMT(install_text(row, "destination")));
}

static int finish(const struct call *call, const struct json *row)
{
    if (call->wants_json) {
        print_json(call, row);
        return 0;
    }
    print_text_of(call, row);
    call_hint(call, "Look at it: partnerapp install get %lld",
              (long long)install_number_of(row));
    return 0;
}

/* --- by itself ---------------------------------------------------------------------- */

static int approve(const struct api *api, const struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    if (call_given(call, "subscription") != NULL) {
        err_code(err, "PA7003", ERR_USAGE,
                 "--subscription is part of the address that a person opens");
        return err_help(err, "leave --auto-approve out, or --subscription");
    }
    if (api_call(api, "POST", INSTALLS, BYTES("{\"auto_approve\":true}"), &json, err) < 0)
        return -1;
    return finish(call, json);
}

/* --- with a person ------------------------------------------------------------------ */

/* The row of @rows with this number; NULL: none. */
static const struct json *find_row(const struct json *rows, int64_t number)
{
    for (size_t i = 0; i < json_count(rows); i++) {
        if (install_number_of(json_at(rows, i)) == number)
            return json_at(rows, i);
    }
    return NULL;
}

/* What has come or changed since @before; NULL: nothing yet. */
static const struct json *find_news(const struct json *before, const struct json *now)
{
    const struct json *rows = json_get(now, "data");

    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);
        const struct json *old =
            find_row(json_get(before, "data"), install_number_of(row));

        if (old == NULL ||
            !bytes_eq(install_text(old, "updated_at"), install_text(row, "updated_at")))
            return row;
    }
    return NULL;
}

enum { NOT_YET = 1 };

/* 0 when @row has come to its end, NOT_YET, or -1 when it went wrong. */
static int judge(const struct json *row, struct err *err)
{
    struct bytes fault = install_text(row, "fault");

    if (row == NULL)
        return NOT_YET;
    if (fault.len > 0) {
        err_set(err, "installs/%lld was granted, but its destination is not set up",
                (long long)install_number_of(row));
        return err_help(err,
                        "partnerapp explain %.*s; partnerapp install sync %lld --mend",
                        BYTES_FMT(fault), (long long)install_number_of(row));
    }
    return bytes_eq(install_text(row, "state"), BYTES("enabled")) ? 0 : NOT_YET;
}

static int wait_for_install(const struct api *api, const struct call *call,
                            const struct json *before, struct err *err)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    const int64_t deadline_ms = clock_now_ms() + call_duration_ms(call, "timeout");

    do {
        cleanup(json_freep) struct json *now = NULL;
        const struct json *row;
        int answer;

        nanosleep(&pause, NULL);
        if (api_call(api, "GET", INSTALLS, BYTES(""), &now, err) < 0)
            return -1;
        row = find_news(before, now);
        answer = judge(row, err);
        if (answer != NOT_YET)
            return answer < 0 ? -1 : finish(call, row);
    } while (clock_now_ms() < deadline_ms);
    err_code(err, "PA5030", ERR_TIMEOUT, "nobody has consented within %s",
             call_text(call, "timeout"));
    return err_help(err, "the URL stays good: partnerapp install list");
}

static int open_flow(const struct api *api, const struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *before = NULL;
    cleanup(buf_done) struct buf url = {0};
    int answer;

    buf_init(&url, URL_BYTES);
    answer = site_url(call, &url, NULL, err);
    if (answer != 0)
        return answer;
    buf_add_text(&url, "/auth/segment");
    if (call_given(call, "subscription") != NULL)
        api_add_query(&url, "subscription", bytes_str(call_given(call, "subscription")));
    if (api_call(api, "GET", INSTALLS, BYTES(""), &before, err) < 0)
        return -1;
    call_say(call, "Enable with Segment: %s", buf_text(&url));
    if (!call_has(call, "no-open") && browser_has_desktop())
        browser_open(buf_text(&url));
    call_say(call, "Waiting for the consent (Ctrl-C leaves it to the browser)");
    fflush(call->err.file);
    return wait_for_install(api, call, before, err);
}

int install_start_run(struct call *call, struct err *err)
{
    struct api api;

    if (api_open(&api, call, err) < 0)
        return -1;
    return call_has(call, "auto-approve") ? approve(&api, call, err)
                                          : open_flow(&api, call, err);
}
