/* SPDX-License-Identifier: MIT */

#include "cli/replay.h"

#include <time.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/ask.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/events.h"
#include "cli/replay_first.h"
#include "json/json.h"
#include "json/write.h"

enum { BODY_BYTES = 1 << 20, PATH_BYTES = 1024, FIRST_WAIT_MS = 20, LAST_WAIT_MS = 500 };

bool replay_are_ids(const struct call *call)
{
    for (size_t i = 0; i < call->n_args; i++) {
        struct bytes arg = bytes_str(call->args[i]);

        if (!bytes_starts(arg, BYTES("evt_")) && !bytes_starts(arg, BYTES("dlv_")))
            return false;
    }
    return call->n_args > 0;
}

/* Tables show the shortest beginning that tells ids apart, so that is what comes back. */
static int make_whole(const struct api *api, struct call *call, size_t index,
                      struct err *err)
{
    cleanup(json_freep) struct json *event = NULL;
    cleanup(buf_done) struct buf path = {0};
    struct bytes given = bytes_str(call->args[index]);
    struct bytes id;

    buf_init(&path, PATH_BYTES);
    buf_add_text(&path, "/api/v1/events/");
    api_add_segment(&path, given);
    if (api_call(api, "GET", buf_text(&path), BYTES(""), &event, err) < 0)
        return err_wrap(err, "%s", call->args[index]);
    id = json_string(json_get(event, "id"));
    if (bytes_starts(id, given))
        call->args[index] = arena_copy(&call->arena, id);
    return 0;
}

int replay_find_ids(struct call *call, struct err *err)
{
    struct api api;

    if (!replay_are_ids(call))
        return 0;
    if (api_open(&api, call, err) < 0)
        return -1;
    for (size_t i = 0; i < call->n_args; i++) {
        if (make_whole(&api, call, i, err) < 0)
            return -1;
    }
    return 0;
}

/* Where nobody looks at the plan, nothing needs to be tried for it. */
static bool wants_first(const struct call *call)
{
    return call_has(call, "dry-run") || (!replay_are_ids(call) && !call_has(call, "yes"));
}

static void make_body(const struct call *call, bool of_dead, bool is_dry,
                      struct buf *body)
{
    struct write write;
    struct buf query;

    write_init(&write, body);
    write_object(&write);
    if (replay_are_ids(call)) {
        write_key(&write, "ids");
        write_array(&write);
        for (size_t i = 0; i < call->n_args; i++)
            write_text(&write, call->args[i]);
        write_array_end(&write);
    } else {
        buf_init(&query, EVENTS_QUERY_MAX);
        events_query(call, 0, &query);
        write_member_string(&write, "q", buf_bytes(&query));
        buf_done(&query);
    }
    write_member_bool(&write, "dead", of_dead);
    write_member_bool(&write, "dry_run", is_dry);
    if (is_dry)
        write_member_bool(&write, "first", wants_first(call));
    write_object_end(&write);
}

static int post(const struct api *api, const struct call *call, bool of_dead, bool is_dry,
                struct json **ret_json, struct err *err)
{
    struct buf body;
    int answer;

    buf_init(&body, BODY_BYTES);
    make_body(call, of_dead, is_dry, &body);
    answer = api_call(api, "POST", "/api/v1/replays", buf_bytes(&body), ret_json, err);
    buf_done(&body);
    return answer;
}

static void print_json(const struct call *call, const struct json *json)
{
    struct buf text;

    buf_init(&text, EVENTS_TEXT_MAX);
    json_print(json, /* indented= */ false, &text);
    print_record(&call->out, buf_bytes(&text));
    buf_done(&text);
}

static void wait_ms(int64_t duration_ms)
{
    struct timespec pause = {.tv_sec = duration_ms / 1000,
                             .tv_nsec = duration_ms % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

static void show_progress(const struct call *call, const struct json *job)
{
    if (!call->err.is_terminal || call->is_quiet)
        return;
    print_text(&call->err, "\r\033[KReplaying  %lld/%lld   %lld failed",
               (long long)json_i64(json_get(job, "done")),
               (long long)json_i64(json_get(job, "matched")),
               (long long)json_i64(json_get(job, "failed")));
    fflush(call->err.file);
}

/* Follows the job to its end; *job is replaced by its last state. */
static int watch(const struct api *api, const struct call *call, struct json **job,
                 struct err *err)
{
    char path[128];
    int64_t pause_ms = FIRST_WAIT_MS;

    snprintf(path, sizeof(path), "/api/v1/replays/%.*s",
             BYTES_FMT(json_string(json_get(*job, "id"))));
    while (bytes_eq(json_string(json_get(*job, "state")), BYTES("running"))) {
        struct json *next = NULL;

        wait_ms(pause_ms);
        pause_ms = pause_ms * 2 > LAST_WAIT_MS ? LAST_WAIT_MS : pause_ms * 2;
        if (api_call(api, "GET", path, BYTES(""), &next, err) < 0)
            return -1;
        json_free(*job);
        *job = next;
        show_progress(call, *job);
    }
    if (call->err.is_terminal && !call->is_quiet)
        print_text(&call->err, "\r\033[K");
    return 0;
}

static int finish(const struct api *api, const struct call *call, struct json **job,
                  struct err *err)
{
    int64_t failed;

    if (call_has(call, "detach")) {
        if (call->wants_json)
            print_json(call, *job);
        else
            print_text(&call->out, "%.*s\n",
                       BYTES_FMT(json_string(json_get(*job, "id"))));
        return 0;
    }
    if (watch(api, call, job, err) < 0)
        return -1;
    failed = json_i64(json_get(*job, "failed"));
    if (call->wants_json)
        print_json(call, *job);
    else
        print_text(&call->out, "%lld replayed: %lld delivered, %lld failed again\n",
                   (long long)json_i64(json_get(*job, "matched")),
                   (long long)json_i64(json_get(*job, "delivered")), (long long)failed);
    if (failed > 0)
        call_hint(call, "See them: partnerapp events list 'replay:%.*s is:dead'",
                  BYTES_FMT(json_string(json_get(*job, "id"))));
    return failed > 0 ? ERR_PARTIAL : 0;
}

static void show_plan(const struct call *call, bool of_dead, const struct json *planned)
{
    const long long matched = (long long)json_i64(json_get(planned, "matched"));

    if (of_dead)
        call_say(call, "Plan\n  %lld dead letter%s, with new ids and keys", matched,
                 matched == 1 ? "" : "s");
    else
        call_say(call, "Plan\n  %lld new deliver%s, with ids and keys of their own",
                 matched, matched == 1 ? "y" : "ies");
    if (!call->is_quiet)
        replay_first_show(&call->err, json_get(planned, "first"));
}

static void show_dry(const struct call *call, const struct json *planned)
{
    if (call->wants_json) {
        print_json(call, planned);
        return;
    }
    print_text(&call->out, "%lld would be replayed\n",
               (long long)json_i64(json_get(planned, "matched")));
    replay_first_show(&call->out, json_get(planned, "first"));
}

/* The plan, and the question where a query chose them. 0: go on. ASK_NO: do not. */
static int plan(const struct api *api, const struct call *call, bool of_dead,
                struct err *err)
{
    cleanup(json_freep) struct json *planned = NULL;
    char question[96];
    long long matched;

    if (post(api, call, of_dead, /* is_dry= */ true, &planned, err) < 0)
        return -1;
    matched = (long long)json_i64(json_get(planned, "matched"));
    if (call_has(call, "dry-run")) {
        show_dry(call, planned);
        return ASK_NO;
    }
    if (matched == 0) {
        call_say(call, "Nothing matches.");
        if (call->wants_json)
            print_json(call, planned);
        return ASK_NO;
    }
    show_plan(call, of_dead, planned);
    if (replay_are_ids(call))
        return 0;
    snprintf(question, sizeof(question), "Replay %lld?", matched);
    return ask_yes(call, question, err);
}

int replay_start(const struct call *call, bool of_dead, struct err *err)
{
    struct api api;
    struct json *job = NULL;
    int answer = api_open(&api, call, err);

    if (answer == 0)
        answer = plan(&api, call, of_dead, err);
    if (answer != 0)
        return answer < 0 ? -1 : 0;
    answer = post(&api, call, of_dead, /* is_dry= */ false, &job, err);
    if (answer == 0)
        answer = finish(&api, call, &job, err);
    json_free(job);
    return answer;
}

int events_replay_run(struct call *call, struct err *err)
{
    if (replay_find_ids(call, err) < 0)
        return -1;
    return replay_start(call, /* of_dead= */ false, err);
}

int dead_replay_run(struct call *call, struct err *err)
{
    if (replay_find_ids(call, err) < 0)
        return -1;
    return replay_start(call, /* of_dead= */ true, err);
}
