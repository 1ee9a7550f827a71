/* SPDX-License-Identifier: MIT */

#include "service/console/jobs.h"

#include "core/id.h"
#include "store/exports.h"
#include "json/write.h"

static int64_t count_done(const struct reader_replay *replay)
{
    return replay->delivered + replay->discarded + replay->dead;
}

static bool is_running(const struct reader_replay *replay)
{
    return count_done(replay) < replay->matched;
}

void jobs_write(struct write *json, const struct reader_replay *replay)
{
    char id[ID_TEXT_LEN];

    id_format((struct id){.kind = ID_REPLAY,
                          .time_ms = replay->created_at_ms,
                          .row = replay->row},
              id);
    write_member_text(json, "id", id);
    write_member_text(json, "kind", "replay");
    write_member_text(json, "state", is_running(replay) ? "running" : "done");
    write_member_string(json, "q", replay->query);
    write_member_i64(json, "matched", replay->matched);
    write_member_i64(json, "done", count_done(replay));
    write_member_i64(json, "delivered", replay->delivered);
    write_member_i64(json, "failed", replay->dead + replay->discarded);
    write_member_time(json, "created_at", replay->created_at_ms);
}

void jobs_write_export(struct write *json, const struct store_export *export)
{
    static const char *const states[] = {
        [EXPORT_FAILED] = "failed", [EXPORT_RUNNING] = "running", [EXPORT_DONE] = "done"};
    char id[ID_TEXT_LEN];

    id_format((struct id){.kind = ID_EXPORT,
                          .time_ms = export->created_at_ms,
                          .row = export->row},
              id);
    write_member_text(json, "id", id);
    write_member_text(json, "kind", "export");
    write_member_text(json, "state", states[export->state]);
    write_member_string(json, "q", export->query);
    write_key(json, "matched");
    if (export->matched >= 0)
        write_i64(json, export->matched);
    else
        write_null(json);
    write_member_i64(json, "done", export->done);
    write_member_i64(json, "bytes", export->bytes);
    write_member_time(json, "created_at", export->created_at_ms);
    write_member_time(json, "ended_at", export->ended_at_ms);
    if (export->why.len > 0)
        write_member_string(json, "error", export->why);
    else
        write_member_text(json, "error", NULL);
}

static void keep_running(struct jobs_watch *watch, const struct reader_replay *replay)
{
    if (!is_running(replay) || watch->n_running == JOBS_WATCHED)
        return;
    watch->running[watch->n_running].row = replay->row;
    watch->running[watch->n_running++].n_done = count_done(replay);
}

struct look {
    struct jobs_watch *watch;
    struct reader *reader;
    struct arena arena;
    void (*fn)(void *arg, const struct reader_replay *replay);
    void *arg;
};

static int look_at_known(struct look *look, struct err *err)
{
    struct jobs_watch *watch = look->watch;
    const struct jobs_watch before = *watch;

    watch->n_running = 0;
    for (size_t i = 0; i < before.n_running; i++) {
        struct reader_replay replay;
        int found = reader_replay(look->reader, before.running[i].row, &look->arena,
                                  &replay, err);

        if (found < 0)
            return -1;
        if (found == 0)
            continue;
        if (count_done(&replay) != before.running[i].n_done)
            look->fn(look->arg, &replay);
        keep_running(watch, &replay);
    }
    return 0;
}

static int look_at_new(struct look *look, struct err *err)
{
    struct jobs_watch *watch = look->watch;
    struct reader_replays page;

    if (reader_replays(look->reader, &look->arena, &page, err) < 0)
        return -1;
    for (size_t i = page.n; i-- > 0;) {
        const struct reader_replay *replay = &page.list[i];

        if (replay->row <= watch->last_row)
            continue;
        watch->last_row = replay->row;
        if (watch->has_begun || is_running(replay))
            look->fn(look->arg, replay);
        keep_running(watch, replay);
    }
    watch->has_begun = true;
    return 0;
}

int jobs_look(struct jobs_watch *watch, struct reader *reader,
              void (*fn)(void *arg, const struct reader_replay *replay), void *arg,
              struct err *err)
{
    struct look look = {.watch = watch, .reader = reader, .fn = fn, .arg = arg};
    int64_t newest = 0;
    int result;

    arena_init(&look.arena);
    result = look_at_known(&look, err);
    if (result == 0)
        result = reader_newest_replay(reader, &newest, err);
    if (result == 0 && (newest > watch->last_row || !watch->has_begun))
        result = look_at_new(&look, err);
    arena_done(&look.arena);
    return result;
}
