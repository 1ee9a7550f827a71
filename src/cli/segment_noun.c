/* SPDX-License-Identifier: MIT */

/* segment workspaces, sources, destinations and catalog. */

#include "base/err.h"
#include "cli/ask.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/segment_link.h"
#include "cli/segment_name.h"
#include "cli/segment_send.h"
#include "cli/segment_show.h"
#include "cli/segment_wanted.h"
#include "json/json.h"

enum { QUESTION_BYTES = 1024 };

/* One use of such a command. */
struct errand {
    struct call *call;
    struct segment_link link;
    struct segment_target target;
    struct segment_wanted wanted;
    struct segment_request request;
    const char *name; /* as typed; NULL: none */
};

static void errand_done(struct errand *errand)
{
    segment_request_done(&errand->request);
    segment_wanted_done(&errand->wanted);
    segment_link_done(&errand->link);
}

/* --- what was asked for ------------------------------------------------------------- */

static const struct {
    const char *name;
    enum segment_verb verb;
} verbs[] = {
    {"list", SEGMENT_LIST},     {"get", SEGMENT_GET},       {"create", SEGMENT_CREATE},
    {"update", SEGMENT_UPDATE}, {"delete", SEGMENT_DELETE},
};

static bool knows(enum segment_noun noun, enum segment_verb verb)
{
    if (verb == SEGMENT_LIST || verb == SEGMENT_GET)
        return true;
    if (noun == SEGMENT_SOURCES)
        return verb != SEGMENT_UPDATE;
    return noun == SEGMENT_DESTINATIONS;
}

static int read_verb(struct errand *errand, struct err *err)
{
    const char *typed = call_arg(errand->call, 0);

    errand->name = call_arg(errand->call, 1);
    if (typed == NULL)
        return 0;
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(typed, verbs[i].name) != 0 ||
            !knows(errand->target.noun, verbs[i].verb))
            continue;
        errand->target.verb = verbs[i].verb;
        if (errand->name != NULL || verbs[i].verb == SEGMENT_LIST)
            return 0;
        return err_code(err, "PA7003", ERR_USAGE, "`%s` wants a name", typed);
    }
    err_code(err, "PA7003", ERR_USAGE, "`%s` is none of: %s", typed,
             errand->call->command->arguments);
    return err_help(err, "partnerapp %s -h", errand->call->command->name);
}

/* --- the request -------------------------------------------------------------------- */

/* Sources are made where they are listed. */
static int write_new_source(struct errand *errand, struct err *err)
{
    const bool is_public = errand->target.backend == SEGMENT_PUBLIC;
    struct segment_target list = errand->target;

    list.verb = SEGMENT_LIST;
    list.page_token = BYTES("");
    list.page_size = 0;
    if (segment_api_write(&list, NULL, &errand->request, err) < 0)
        return -1;
    errand->request.method = "POST";
    return segment_wanted_source(errand->call, list.backend,
                                 is_public ? bytes_str(errand->name) : list.name,
                                 &errand->request.body, err);
}

static int write_request(struct errand *errand, struct err *err)
{
    const struct segment_target *target = &errand->target;
    int answer;

    segment_request_done(&errand->request);
    segment_request_init(&errand->request);
    if (target->noun == SEGMENT_SOURCES && target->verb == SEGMENT_CREATE)
        answer = write_new_source(errand, err);
    else
        answer =
            segment_api_write(target, &errand->wanted.destination, &errand->request, err);
    if (answer == 0 && target->verb == SEGMENT_UPDATE)
        answer = segment_wanted_narrow(&errand->wanted, target->backend,
                                       &errand->request.body, err);
    if (answer < 0 && err->code[0] == '\0') {
        err->exit_code = ERR_USAGE;
        snprintf(err->code, sizeof(err->code), "PA7003");
        err_help(err,
                 "a name is workspaces/W/sources/S/destinations/D, of the Public API "
                 "an id");
    }
    return answer;
}

static int confirm(const struct errand *errand, struct err *err)
{
    char question[QUESTION_BYTES];

    if (errand->target.verb != SEGMENT_DELETE || errand->link.is_dry)
        return 0;
    snprintf(question, sizeof(question), "%s goes for good%s. Delete it?", errand->name,
             errand->target.noun == SEGMENT_SOURCES ? ", with its destinations" : "");
    return ask_yes(errand->call, question, err);
}

/* --- the answer --------------------------------------------------------------------- */

static void show_done(const struct errand *errand, const struct json *row)
{
    static const char *const words[] = {
        [SEGMENT_CREATE] = "Created",
        [SEGMENT_UPDATE] = "Updated",
        [SEGMENT_DELETE] = "Deleted",
    };
    struct bytes name = json_string(json_get(row, "name"));

    if (errand->target.verb == SEGMENT_DELETE || name.len == 0)
        name = bytes_str(errand->name);
    call_say(errand->call, "%s %.*s", words[errand->target.verb], BYTES_FMT(name));
    if (errand->target.verb != SEGMENT_DELETE)
        segment_show_one(errand->call, row);
}

/* Shows one answer; *ret_next is the next page's token, in the call's arena. */
static int show(struct errand *errand, const struct segment_answer *answer,
                struct bytes *ret_next, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes next = BYTES("");
    const struct json *data;

    if (answer->body.len > 0 && json_parse(buf_bytes(&answer->body), &json, err) < 0)
        return -1;
    data = segment_api_data(&errand->target, json, &next);
    *ret_next = bytes_str(arena_copy(&errand->call->arena, next));
    if (errand->call->wants_json)
        segment_show_json(errand->call, buf_bytes(&answer->body));
    else if (errand->target.verb == SEGMENT_LIST)
        segment_show_list(errand->call, &errand->target, data);
    else if (errand->target.verb == SEGMENT_GET)
        segment_show_one(errand->call, data);
    else
        show_done(errand, data);
    return 0;
}

/* One request. SEGMENT_SEND_SHOWN: it was only shown. */
static int do_once(struct errand *errand, struct bytes *ret_next, struct err *err)
{
    cleanup(segment_answer_done) struct segment_answer response = {0};
    int answer;

    segment_answer_init(&response);
    if (write_request(errand, err) < 0)
        return -1;
    answer = segment_send(&errand->link, errand->call, &errand->request, &response, err);
    return answer == 0 ? show(errand, &response, ret_next, err) : answer;
}

static int do_pages(struct errand *errand, struct err *err)
{
    struct bytes next = BYTES("");
    int answer;

    do {
        answer = do_once(errand, &next, err);
        errand->target.page_token = next;
    } while (answer == 0 && next.len > 0 && call_has(errand->call, "all"));
    if (answer == 0 && next.len > 0)
        call_say(errand->call, "More: --all, or --after %.*s", BYTES_FMT(next));
    return answer < 0 ? -1 : 0;
}

static int check_wanted(const struct errand *errand, struct err *err)
{
    if (errand->target.verb != SEGMENT_UPDATE ||
        segment_wanted_is_something(&errand->wanted))
        return 0;
    err_code(err, "PA7003", ERR_USAGE, "nothing to change was given");
    return err_help(err, "--set NAME=VALUE, --enabled, --disabled, --connection-mode");
}

static int run_errand(struct errand *errand, struct err *err)
{
    struct call *call = errand->call;
    int answer;

    if (segment_wanted_read(&errand->wanted, call, errand->target.verb, err) < 0 ||
        check_wanted(errand, err) < 0)
        return -1;
    answer = segment_link_open(&errand->link, call, err);
    errand->target.backend = errand->link.backend;
    if (answer == 0)
        answer =
            segment_name_find(&errand->link, call, errand->name, &errand->target, err);
    if (answer == 0)
        answer = confirm(errand, err);
    if (answer == ASK_NO && errand->target.verb == SEGMENT_DELETE) {
        call_say(call, "Nothing was deleted.");
        return 0;
    }
    if (answer != 0)
        return answer;
    errand->target.page_token = bytes_str(call_given(call, "after"));
    errand->target.page_size = (unsigned)call_number(call, "limit");
    return do_pages(errand, err);
}

static int run_noun(struct call *call, enum segment_noun noun, struct err *err)
{
    cleanup(errand_done) struct errand errand = {.call = call, .target.noun = noun};

    segment_request_init(&errand.request);
    if (read_verb(&errand, err) < 0)
        return -1;
    return run_errand(&errand, err);
}

int segment_workspaces_run(struct call *call, struct err *err)
{
    return run_noun(call, SEGMENT_WORKSPACES, err);
}

int segment_sources_run(struct call *call, struct err *err)
{
    return run_noun(call, SEGMENT_SOURCES, err);
}

int segment_destinations_run(struct call *call, struct err *err)
{
    return run_noun(call, SEGMENT_DESTINATIONS, err);
}

int segment_catalog_run(struct call *call, struct err *err)
{
    cleanup(errand_done) struct errand errand = {.call = call,
                                                 .target.verb = SEGMENT_LIST};
    const char *kind = call_arg(call, 0);

    segment_request_init(&errand.request);
    errand.target.noun = SEGMENT_CATALOG_DESTINATIONS;
    if (strcmp(kind, "sources") == 0)
        errand.target.noun = SEGMENT_CATALOG_SOURCES;
    else if (strcmp(kind, "destinations") != 0)
        return err_code(err, "PA7003", ERR_USAGE,
                        "the catalog has `destinations` and `sources`; not `%s`", kind);
    errand.name = call_arg(call, 1);
    if (errand.name != NULL)
        errand.target.verb = SEGMENT_GET;
    return run_errand(&errand, err);
}
