/* SPDX-License-Identifier: MIT */

/* dead list and discard; replaying them stands with the other replays. */

#include "base/err.h"
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/events.h"
#include "cli/replay.h"
#include "json/json.h"

enum { PATH_BYTES = 8192 };

int dead_list_run(struct call *call, struct err *err)
{
    return events_list(call, "/api/v1/dead", err);
}

/* What to discard: one query, or an id each. */
static size_t n_queries(const struct call *call)
{
    return replay_are_ids(call) ? call->n_args : 1;
}

static void add_query(const struct call *call, size_t index, struct buf *query)
{
    buf_clear(query);
    if (replay_are_ids(call))
        buf_addf(query, "id:%s", call->args[index]);
    else
        events_query(call, 0, query);
}

/* Counts when @method is GET, discards when it is DELETE. */
static int for_all(const struct api *api, const struct call *call, const char *method,
                   int64_t *ret_n, struct err *err)
{
    bool is_count = strcmp(method, "GET") == 0;
    struct buf query;
    struct buf path;
    int answer = 0;

    *ret_n = 0;
    buf_init(&query, EVENTS_QUERY_MAX);
    buf_init(&path, PATH_BYTES);
    for (size_t i = 0; answer == 0 && i < n_queries(call); i++) {
        struct json *json = NULL;

        add_query(call, i, &query);
        buf_clear(&path);
        buf_add_text(&path, "/api/v1/dead");
        api_add_query(&path, "q", buf_bytes(&query));
        if (is_count)
            api_add_query(&path, "limit", BYTES("1"));
        answer = api_call(api, method, buf_text(&path), BYTES(""), &json, err);
        *ret_n += json_i64(json_get(json, is_count ? "total" : "discarded"));
        json_free(json);
    }
    buf_done(&path);
    buf_done(&query);
    return answer;
}

static int confirm(const struct call *call, int64_t n, struct err *err)
{
    char question[128];
    char count[24];

    snprintf(count, sizeof(count), "%lld", (long long)n);
    snprintf(question, sizeof(question),
             "%s dead letters will never be delivered. Type their number to go on",
             count);
    return ask_word(call, question, count, err);
}

int dead_discard_run(struct call *call, struct err *err)
{
    struct api api;
    int64_t n = 0;
    int answer;

    if (replay_find_ids(call, err) < 0 || api_open(&api, call, err) < 0 ||
        for_all(&api, call, "GET", &n, err) < 0)
        return -1;
    if (call_has(call, "dry-run") || n == 0) {
        print_text(&call->out,
                   call->wants_json ? "{\"matched\":%lld,\"discarded\":0}\n"
                                    : "%lld would be discarded\n",
                   (long long)n);
        return 0;
    }
    answer = confirm(call, n, err);
    if (answer == ASK_NO)
        call_say(call, "Nothing was discarded.");
    if (answer != 0)
        return answer < 0 ? -1 : 0;
    if (for_all(&api, call, "DELETE", &n, err) < 0)
        return -1;
    print_text(&call->out,
               call->wants_json ? "{\"discarded\":%lld}\n" : "%lld discarded\n",
               (long long)n);
    return 0;
}
