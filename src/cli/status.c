/* SPDX-License-Identifier: MIT */

/* status: is it up, what waits, what fails; exit 10 when something needs attention. */

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_MAX = 1 << 20 };

static long long number(const struct json *json, const char *path)
{
    return (long long)json_i64(json_path(json, path));
}

/* Paused with something waiting, or not answering. */
static bool needs_attention(const struct json *endpoint)
{
    struct bytes state = json_string(json_get(endpoint, "state"));
    bool is_down = state.len > 0 && !bytes_eq(state, BYTES("closed")) &&
                   !bytes_eq(state, BYTES("ok")) && !bytes_eq(state, BYTES("up")) &&
                   !bytes_eq(state, BYTES("paused"));

    return is_down || (json_bool(json_get(endpoint, "paused")) &&
                       json_i64(json_get(endpoint, "waiting")) > 0);
}

static void print_attention(const struct print *out, const struct json *endpoint)
{
    struct buf host;
    struct buf why;

    buf_init(&host, TEXT_MAX);
    buf_init(&why, TEXT_MAX);
    print_clean(json_string(json_get(endpoint, "host")), &host);
    if (json_bool(json_get(endpoint, "paused")))
        buf_add_text(&why, "paused");
    else
        print_clean(json_string(json_get(endpoint, "last_error")), &why);
    print_text(out, "    %s   %lld waiting: %s      partnerapp endpoint get %s\n",
               buf_text(&host), number(endpoint, "waiting"), buf_text(&why),
               buf_text(&host));
    buf_done(&host);
    buf_done(&why);
}

static void print_store(const struct print *out, const struct json *status)
{
    struct buf used;
    struct buf limit;
    struct buf oldest;

    buf_init(&used, TEXT_MAX);
    buf_init(&limit, TEXT_MAX);
    buf_init(&oldest, TEXT_MAX);
    print_size(number(status, "store.bytes"), &used);
    print_size(number(status, "store.limit_bytes"), &limit);
    print_clean(json_string(json_get(status, "oldest_waiting_at")), &oldest);
    print_text(out, "  Waiting    %lld      store %s of %s\n",
               number(status, "queue_depth"), buf_text(&used), buf_text(&limit));
    buf_done(&used);
    buf_done(&limit);
    buf_done(&oldest);
}

static void print_human(const struct print *out, const struct json *status,
                        const struct json *endpoints, size_t n_attention)
{
    struct buf up;

    buf_init(&up, TEXT_MAX);
    print_duration(number(status, "uptime_ms") * 1000, &up);
    print_styled(out, PRINT_BOLD, "partnerapp %.*s",
                 BYTES_FMT(json_string(json_get(status, "version"))));
    print_text(out, " up %s · pid %lld · ", buf_text(&up), number(status, "pid"));
    print_styled(out, n_attention > 0 ? PRINT_YELLOW : PRINT_GREEN, "%s\n\n",
                 n_attention > 0 ? "needs attention" : "healthy");
    print_text(
        out,
        "  Events     in %lld    delivered %lld    on retry %lld    discarded %lld    "
        "dead %lld\n",
        number(status, "counters.accepted"), number(status, "counters.delivered"),
        number(status, "counters.retrying"), number(status, "counters.discarded"),
        number(status, "counters.dead"));
    print_store(out, status);
    print_text(out, "  Functions  %lld runners      sandbox %.*s\n",
               number(status, "runners.count"),
               BYTES_FMT(json_string(json_path(status, "runners.sandbox"))));
    if (number(status, "dead_letters") > 0)
        print_text(out, "  Dead       %lld letters      partnerapp dead list\n",
                   number(status, "dead_letters"));
    if (n_attention > 0)
        print_text(out, "\n  Needs attention\n");
    for (size_t i = 0; i < json_count(endpoints); i++) {
        if (needs_attention(json_at(endpoints, i)))
            print_attention(out, json_at(endpoints, i));
    }
    buf_done(&up);
}

int status_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *status = NULL;
    cleanup(json_freep) struct json *endpoints = NULL;
    const struct json *rows;
    struct api api;
    size_t n_attention = 0;

    if (api_open(&api, call, err) < 0 ||
        api_call(&api, "GET", "/api/v1/status", BYTES(""), &status, err) < 0 ||
        api_call(&api, "GET", "/api/v1/endpoints", BYTES(""), &endpoints, err) < 0)
        return -1;
    rows = json_get(endpoints, "data");
    for (size_t i = 0; i < json_count(rows); i++)
        n_attention += needs_attention(json_at(rows, i));
    if (call->wants_json) {
        struct buf text;

        buf_init(&text, TEXT_MAX);
        json_print(status, /* indented= */ false, &text);
        print_record(&call->out, buf_bytes(&text));
        buf_done(&text);
    } else {
        print_human(&call->out, status, rows, n_attention);
    }
    return n_attention > 0 ? ERR_CHECKS_FAILED : 0;
}
