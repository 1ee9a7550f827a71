/* SPDX-License-Identifier: MIT */

/*
 * POST /api/v1/replays, DELETE /api/v1/dead: sending again, and giving up for good.
 *
 * The desk collects what the query matches, keeper writes it as one errand (a replay is
 * whole or not there), courier gets the new deliveries when they are durable.
 */

#include "base/err.h"
#include "base/mem.h"
#include "core/id.h"
#include "service/console/rehearsal.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/live.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "sys/mailbox.h"
#include "json/json.h"
#include "json/write.h"

enum { PAGE = 500, ANSWER_BYTES = 4 << 20, MAX_IDS = 10000 };

struct picked { /* one delivery that is to be made again, or given up */
    int64_t event, delivery;
    uint16_t subscription;
};

struct replay {
    struct desk_job job;
    struct errand errand;
    struct site *site;
    struct server_request *request;
    struct query query;
    char *query_text;
    struct id *ids; /* instead of a query */
    size_t n_ids;
    bool is_dead_only, is_dry_run, is_discard;
    bool is_rehearsed;
    struct picked *picked;
    size_t n_picked, capacity;
    int64_t row, created_at_ms;
    int64_t n_discarded;
    struct due *due;
};

static void replay_free(struct replay *replay)
{
    query_done(&replay->query);
    free(replay->query_text);
    free(replay->ids);
    free(replay->picked);
    due_free(replay->due);
    free(replay);
}

static void replay_id(const struct replay *replay, char ret_text[ID_TEXT_LEN])
{
    id_format((struct id){.kind = ID_REPLAY,
                          .time_ms = replay->created_at_ms,
                          .row = replay->row},
              ret_text);
}

/* @first is what the plan says of the first event; empty: nothing. */
static void answer(struct replay *replay, int status, const char *state,
                   struct bytes first)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    char id[ID_TEXT_LEN];

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    if (replay->row != 0) {
        replay_id(replay, id);
        write_member_text(&json, "id", id);
    } else {
        write_member_text(&json, "id", NULL);
    }
    write_member_i64(&json, "matched", (int64_t)replay->n_picked);
    write_member_i64(&json, "done", 0);
    write_member_i64(&json, "failed", 0);
    write_member_text(&json, "state", state);
    write_member_bool(&json, "dry_run", replay->is_dry_run);
    if (replay->is_dry_run)
        write_member_raw(&json, "first", first);
    write_object_end(&json);
    site_json(replay->request, status, &body);
}

static void answer_discarded(struct replay *replay)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_i64(&json, "discarded", replay->n_discarded);
    write_object_end(&json);
    site_json(replay->request, 200, &body);
}

/* --- keeper's part --------------------------------------------------------------------
 */

static int add_delivery(struct replay *replay, const struct picked *picked,
                        struct store *store, struct err *err)
{
    const struct store_delivery delivery = {
        .row = store_next_row(store),
        .event = picked->event,
        .created_at_ms = replay->created_at_ms,
        .subscription = picked->subscription,
        .replay = replay->row,
        .state = DELIVERY_QUEUED,
    };
    int result = store_put_delivery(store, &delivery, err);

    if (result == 0)
        result = store_supersede_dead(store, picked->delivery, replay->row, err);
    due_add(replay->due, &delivery);
    return result;
}

static int run_replay(struct errand *errand, struct store *store, struct err *err)
{
    struct replay *replay = container_of(errand, struct replay, errand);
    int result;

    due_free(replay->due); /* of a try that was undone */
    replay->due = due_new();
    result =
        store_add_replay(store, bytes_str(replay->query_text), (int64_t)replay->n_picked,
                         replay->created_at_ms, &replay->row, err);
    for (size_t i = 0; i < replay->n_picked && result == 0; i++)
        result = add_delivery(replay, &replay->picked[i], store, err);
    errand->change.replayed = (int64_t)replay->n_picked;
    return result;
}

static void finish_replay(struct errand *errand, const struct err *err)
{
    struct replay *replay = container_of(errand, struct replay, errand);

    if (err != NULL) {
        site_problem_err(replay->request, err);
        replay_free(replay);
        return;
    }
    tally_replay(replay->site->tally, (int64_t)replay->n_picked);
    mailbox_force(courier_box(replay->site->courier), &take(replay->due)->mail.link);
    answer(replay, 201, replay->n_picked > 0 ? "running" : "done", bytes_of(NULL, 0));
    replay_free(replay);
}

static int run_discard(struct errand *errand, struct store *store, struct err *err)
{
    struct replay *replay = container_of(errand, struct replay, errand);

    replay->n_discarded = 0;
    for (size_t i = 0; i < replay->n_picked; i++) {
        bool is_changed = false;

        if (store_discard_dead(store, replay->picked[i].delivery, replay->created_at_ms,
                               &is_changed, err) != 0)
            return -1;
        replay->n_discarded += is_changed;
    }
    errand->change.discarded = replay->n_discarded;
    errand->change.dead = -replay->n_discarded;
    return 0;
}

static void finish_discard(struct errand *errand, const struct err *err)
{
    struct replay *replay = container_of(errand, struct replay, errand);

    if (err != NULL) {
        site_problem_err(replay->request, err);
    } else {
        for (int64_t i = 0; i < replay->n_discarded; i++)
            tally_move(replay->site->tally, DELIVERY_DEAD, DELIVERY_DISCARDED);
        answer_discarded(replay);
    }
    replay_free(replay);
}

/* --- the desk's part ------------------------------------------------------------------
 */

static void pick(struct replay *replay, const struct reader_event *event,
                 const struct reader_delivery *delivery)
{
    if (replay->n_picked == replay->capacity) {
        replay->capacity = replay->capacity > 0 ? replay->capacity * 2 : 64;
        replay->picked =
            mem_grow(replay->picked, replay->capacity, sizeof(*replay->picked));
    }
    replay->picked[replay->n_picked++] =
        (struct picked){.event = event->row,
                        .delivery = delivery->row,
                        .subscription = event->subscription};
}

/* The newest delivery of an event speaks for it; one that is still on its way is left. */
static void pick_of_event(struct replay *replay, const struct reader_event *event)
{
    const struct reader_delivery *newest = NULL;

    for (size_t i = 0; i < event->n_deliveries; i++) {
        const struct reader_delivery *delivery = &event->deliveries[i];

        if (!delivery_is_terminal(delivery->state))
            return;
        if (replay->is_dead_only &&
            (delivery->state != DELIVERY_DEAD || delivery->superseded_by != 0))
            continue;
        newest = delivery;
    }
    if (newest != NULL && !event->is_erased)
        pick(replay, event, newest);
}

static int pick_by_query(struct replay *replay, struct reader *reader, struct err *err)
{
    struct reader_find find = {
        .query = &replay->query,
        .limit = PAGE,
        .is_dead_list = replay->is_dead_only,
        .live_state = live_state,
        .arg = replay->site->live,
    };

    do {
        cleanup(arena_done) struct arena arena = {0};
        struct reader_page page;

        arena_init(&arena);
        if (reader_find(reader, &find, &arena, &page, err) < 0)
            return -1;
        for (size_t i = 0; i < page.n_events; i++)
            pick_of_event(replay, &page.events[i]);
        find.below_row = page.next_row;
    } while (find.below_row != 0);
    return 0;
}

static int pick_by_id(struct replay *replay, struct reader *reader, struct err *err)
{
    for (size_t i = 0; i < replay->n_ids; i++) {
        cleanup(arena_done) struct arena arena = {0};
        struct reader_event event;
        int found;

        arena_init(&arena);
        found = api_events_find(reader, &replay->ids[i], &arena, &event, err);
        if (found < 0)
            return -1;
        if (found > 0)
            pick_of_event(replay, &event);
    }
    return 0;
}

static void on_rehearsed(void *arg, struct bytes first)
{
    struct replay *replay = arg;

    answer(replay, 200, "planned", first);
    replay_free(replay);
}

/* With what would become of the event that is sent first. */
static void plan(struct replay *replay)
{
    if (replay->n_picked == 0 || !replay->is_rehearsed) {
        on_rehearsed(replay, bytes_of(NULL, 0));
        return;
    }
    rehearsal_start(
        &(struct rehearsal_wish){.site = replay->site,
                                 .event = replay->picked[0].event,
                                 .subscription = replay->picked[0].subscription,
                                 .done_fn = on_rehearsed,
                                 .arg = replay});
}

static void run_pick(struct reader *reader, struct desk_job *job)
{
    struct replay *replay = container_of(job, struct replay, job);
    struct err err = {0};
    int result = replay->ids != NULL ? pick_by_id(replay, reader, &err)
                                     : pick_by_query(replay, reader, &err);

    replay->created_at_ms = clock_wall_ms();
    if (result < 0) {
        site_problem_err(replay->request, &err);
        replay_free(replay);
    } else if (replay->is_discard) {
        replay->errand.run_fn = run_discard;
        replay->errand.finish_fn = finish_discard;
        keeper_errand(replay->site->keeper, &replay->errand);
    } else if (replay->is_dry_run) {
        plan(replay);
    } else {
        replay->errand.run_fn = run_replay;
        replay->errand.finish_fn = finish_replay;
        keeper_errand(replay->site->keeper, &replay->errand);
    }
}

/* --- the request ----------------------------------------------------------------------
 */

static int read_ids(struct replay *replay, const struct json *ids, struct err *err)
{
    size_t n_ids = json_count(ids);

    if (n_ids > MAX_IDS)
        return err_code(err, "PA7007", ERR_USAGE, "at most %d ids at once: use a query",
                        MAX_IDS);
    replay->ids = mem_zero(n_ids * sizeof(*replay->ids));
    for (size_t i = 0; i < n_ids; i++) {
        struct bytes text = json_string(json_at(ids, i));

        if (!id_parse(text, &replay->ids[i]) ||
            (replay->ids[i].kind != ID_EVENT && replay->ids[i].kind != ID_DELIVERY))
            return err_code(err, "PA7008", ERR_USAGE,
                            "\"%.*s\" is no event or delivery id", BYTES_FMT(text));
    }
    replay->n_ids = n_ids;
    return 0;
}

static int read_request(struct replay *replay, struct err *err)
{
    static const struct site_field fields[] = {{"q", JSON_STRING},
                                               {"ids", JSON_ARRAY},
                                               {"dead", JSON_BOOL},
                                               {"dry_run", JSON_BOOL},
                                               {"first", JSON_BOOL}};
    cleanup(json_freep) struct json *json = NULL;
    const struct json *ids;
    const struct json *query;
    struct bytes text;

    if (site_read(replay->request, fields, COUNT(fields), &json, err) < 0)
        return -1;
    ids = json_get(json, "ids");
    query = json_get(json, "q");
    replay->is_dry_run = json_bool(json_get(json, "dry_run"));
    replay->is_dead_only = json_bool(json_get(json, "dead"));
    replay->is_rehearsed = json_kind(json_get(json, "first")) != JSON_BOOL ||
                           json_bool(json_get(json, "first"));
    if (json_kind(ids) == JSON_ARRAY && json_kind(query) != JSON_STRING)
        return read_ids(replay, ids, err);
    if (json_kind(query) != JSON_STRING || json_kind(ids) == JSON_ARRAY)
        return err_code(
            err, "PA7009", ERR_USAGE,
            "say what to replay: either {\"q\":\"is:dead\"} or {\"ids\":[\"evt_…\"]}");
    text = json_string(query);
    free(replay->query_text);
    replay->query_text = bytes_copy(text);
    return query_parse(text, clock_wall_ms(), &replay->query, err);
}

/* Of a request that was refused: a query that failed says where. */
static void answer_refused(struct replay *replay, const struct err *err)
{
    if (replay->query.fault_len > 0)
        site_problem_query(replay->request, &replay->query, err);
    else
        site_problem_err(replay->request, err);
    replay_free(replay);
}

static void ask_desk(struct replay *replay)
{
    replay->job.run_fn = run_pick;
    if (desk_ask(replay->site->desk, &replay->job))
        return;
    site_problem(replay->request, 503, NULL, "too many questions at once");
    replay_free(replay);
}

static struct replay *replay_new(const struct site_call *call)
{
    struct replay *replay = mem_new(struct replay);

    replay->site = call->site;
    replay->request = call->request;
    replay->query_text = mem_text("");
    return replay;
}

void api_replays_create(const struct site_call *call)
{
    struct replay *replay = replay_new(call);
    struct err err = {0};

    if (read_request(replay, &err) < 0) {
        answer_refused(replay, &err);
        return;
    }
    if (replay->is_dry_run)
        server_keep_open(call->request); /* code has its own limit of time */
    ask_desk(replay);
}

void api_dead_discard(const struct site_call *call)
{
    struct replay *replay = replay_new(call);
    struct err err = {0};

    replay->is_discard = true;
    replay->is_dead_only = true;
    if (query_parse(server_query(call->request, "q"), clock_wall_ms(), &replay->query,
                    &err) < 0) {
        answer_refused(replay, &err);
        return;
    }
    ask_desk(replay);
}

/* --- how far is it? -------------------------------------------------------------------
 */

static void run_progress(struct reader *reader, struct desk_job *job)
{
    struct replay *replay = container_of(job, struct replay, job);
    cleanup(arena_done) struct arena arena = {0};
    cleanup(buf_done) struct buf body = {0};
    struct reader_replay progress;
    struct write json;
    char id[ID_TEXT_LEN];
    struct err err = {0};
    int found;
    int64_t n_done;

    arena_init(&arena);
    buf_init(&body, ANSWER_BYTES);
    found = reader_replay(reader, replay->row, &arena, &progress, &err);
    if (found > 0 && progress.created_at_ms != replay->created_at_ms)
        found = 0; /* of a store that was here before */
    if (found <= 0) {
        if (found == 0)
            site_problem(replay->request, 404, "PA7005",
                         "there is no replay with this id");
        else
            site_problem_err(replay->request, &err);
        replay_free(replay);
        return;
    }
    n_done = progress.delivered + progress.discarded + progress.dead;
    replay_id(replay, id);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "id", id);
    write_member_time(&json, "created_at", progress.created_at_ms);
    write_member_string(&json, "q", progress.query);
    write_member_i64(&json, "matched", progress.matched);
    write_member_i64(&json, "done", n_done);
    write_member_i64(&json, "delivered", progress.delivered);
    write_member_i64(&json, "failed", progress.dead + progress.discarded);
    write_member_text(&json, "state", n_done < progress.matched ? "running" : "done");
    write_object_end(&json);
    site_json(replay->request, 200, &body);
    replay_free(replay);
}

void api_replays_get(const struct site_call *call)
{
    struct replay *replay;
    struct id id;

    if (!id_parse(call->parameters[0], &id) || id.kind != ID_REPLAY) {
        site_problem(call->request, 404, "PA7005", "there is no replay with this id");
        return;
    }
    replay = replay_new(call);
    replay->row = id.row;
    replay->created_at_ms = id.time_ms;
    replay->job.run_fn = run_progress;
    if (desk_ask(call->site->desk, &replay->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    replay_free(replay);
}
