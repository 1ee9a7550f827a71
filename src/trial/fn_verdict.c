/* SPDX-License-Identifier: MIT */

#include "trial/fn_verdict.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "trial/fn_case.h"
#include "trial/fn_mock.h"
#include "json/json.h"
#include "json/write.h"

enum {
    JSON_BYTES = 16 << 20,
    STATUS_RETRY = 503,
    STATUS_TIMEOUT = 504,
    FIRST_BAD_STATUS = 300,
    STATUS_UNSUPPORTED = 501,
};

static int status_of(const struct fn_play *play)
{
    if (play->run == RUN_TIMEOUT)
        return STATUS_TIMEOUT;
    if (play->outcome == OUTCOME_RETRY)
        return STATUS_RETRY;
    return outcome_inline_status(play->outcome, bytes_str(play->error_name));
}

/* The object of `fn run --json`, as a tree. */
static struct json *tree_of(const struct fn_play *play)
{
    struct json *tree = NULL;
    struct write write;
    struct buf text;

    buf_init(&text, JSON_BYTES);
    write_init(&write, &text);
    write_object(&write);
    fn_play_write(play, &write);
    write_object_end(&write);
    if (json_parse(buf_bytes(&text), &tree, NULL) < 0)
        tree = NULL;
    buf_done(&text);
    return tree;
}

static enum fn_color judge_expected(struct fn_verdict *verdict)
{
    cleanup(json_freep) struct json *tree = tree_of(&verdict->play);

    fn_expect_check(&verdict->expect, verdict->of->expect, tree);
    return verdict->expect.n == 0 ? FN_GREEN : FN_RED;
}

/* Of a batch's statuses, the first that is not good. */
static enum fn_color judge_statuses(struct fn_verdict *verdict)
{
    cleanup(json_freep) struct json *statuses = NULL;
    struct fn_play *play = &verdict->play;

    if (!play->has_statuses || json_parse(play->value, &statuses, NULL) < 0)
        return FN_GREEN;
    for (size_t i = 0; i < json_count(statuses); i++) {
        int64_t status = json_i64(json_get(json_at(statuses, i), "status"));

        if (status < FIRST_BAD_STATUS || status == STATUS_UNSUPPORTED)
            continue;
        play->error_name = "BatchStatus";
        play->error_message = arena_printf(&play->arena, "event %zu of the batch: %lld",
                                           i + 1, (long long)status);
        return FN_RED;
    }
    return FN_GREEN;
}

static bool is_dropped(const struct fn_play *play)
{
    return play->error_name != NULL && strcmp(play->error_name, "DropEvent") == 0;
}

static enum fn_color judge(struct fn_verdict *verdict, bool is_strict)
{
    const struct fn_play *play = &verdict->play;

    if (json_kind(verdict->of->expect) == JSON_OBJECT)
        return judge_expected(verdict);
    if (fn_play_is_unsupported(play))
        return is_strict ? FN_RED : FN_YELLOW;
    if (is_dropped(play))
        return FN_GREEN; /* on purpose */
    if (play->outcome != OUTCOME_DELIVERED)
        return FN_RED;
    return judge_statuses(verdict);
}

int fn_verdict_reach(struct fn_verdict *verdict, const struct fn_case *of,
                     const struct fn_code *code, const struct fn_verdict_wish *wish,
                     struct err *err)
{
    struct fn_play_wish how = {
        .is_live = wish->is_live, .egress = wish->egress, .mocks = {NULL, wish->mocks}};

    *verdict = (struct fn_verdict){.of = of, .answers = mem_new(struct fn_mocks)};
    if (json_kind(of->answers) != JSON_MISSING &&
        fn_mocks_add(verdict->answers, of->answers, of->path, err) < 0)
        return -1;
    how.mocks[0] = verdict->answers;
    if (fn_event_make(&verdict->event, of->entry, of->event, of->settings, wish->settings,
                      err) < 0)
        return of->path != NULL ? err_wrap(err, "%s", of->path) : -1;
    if (fn_play(&verdict->play, code, &verdict->event, &how, err) < 0)
        return -1;
    verdict->color = judge(verdict, wish->is_strict);
    verdict->status = status_of(&verdict->play);
    return 0;
}

void fn_verdict_done(struct fn_verdict *verdict)
{
    fn_play_done(&verdict->play);
    fn_event_done(&verdict->event);
    fn_expect_done(&verdict->expect);
    if (verdict->answers != NULL)
        fn_mocks_done(verdict->answers);
    free(verdict->answers);
    verdict->answers = NULL;
}

const char *fn_color_text(enum fn_color color)
{
    static const char *const texts[] = {
        [FN_RED] = "red", [FN_YELLOW] = "yellow", [FN_GREEN] = "green"};

    return texts[color];
}

static void write_differences(struct write *write, const struct fn_expect *expect)
{
    write_key(write, "differences");
    write_array(write);
    for (size_t i = 0; i < expect->n && i < FN_EXPECT_SHOWN; i++) {
        write_object(write);
        write_member_text(write, "path", expect->list[i].path);
        write_member_text(write, "want", expect->list[i].want);
        write_member_text(write, "got", expect->list[i].got);
        write_object_end(write);
    }
    write_array_end(write);
}

void fn_verdict_write(const struct fn_verdict *verdict, struct write *write)
{
    const struct fn_case *of = verdict->of;

    write_object(write);
    write_member_i64(write, "number", of->number);
    write_member_text(write, "from", fn_case_kind_text(of->kind));
    write_member_text(write, "type", of->type);
    write_member_text(write, "name", of->name);
    write_member_text(write, "file", of->path);
    write_member_text(write, "color", fn_color_text(verdict->color));
    write_member_i64(write, "status", verdict->status);
    write_member_text(write, "handler", verdict->play.handler);
    fn_play_write(&verdict->play, write);
    write_differences(write, &verdict->expect);
    write_object_end(write);
}
