/* SPDX-License-Identifier: MIT */

/* emulator env, status, reset and snapshot: what the local Segment is, and making it what
 * it was. */

#include "base/err.h"
#include "base/shell_word.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/emulator_link.h"
#include "cli/input.h"
#include "sys/disk.h"
#include "json/json.h"

enum { TEXT_MAX = 1 << 20 };

/* The answer to @method of @path, for people or as it is. */
static int ask(const struct call *call, struct emulator_link *link, const char *method,
               const char *path, struct json **ret_json, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    if (emulator_link_open(link, call, err) < 0 ||
        emulator_link_ask(link, method, path, BYTES(""), ret_json, err) < 0)
        return -1;
    if (!call->wants_json)
        return 0;
    buf_init(&text, TEXT_MAX);
    json_print(*ret_json, /* indented= */ false, &text);
    print_record(&call->out, buf_bytes(&text));
    return 0;
}

/* --- env ---------------------------------------------------------------------------- */

static void print_exports(const struct call *call, const struct json *environment)
{
    cleanup(buf_done) struct buf text = {0};
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    buf_init(&text, TEXT_MAX);
    while (json_next(environment, &cursor, &name, &value)) {
        buf_addf(&text, "export %s=", name);
        shell_word(json_string(value), &text);
        buf_add_char(&text, '\n');
    }
    print_raw(&call->out, buf_bytes(&text));
}

int emulator_env_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *environment = NULL;
    struct emulator_link link;

    call->wants_json |= strcmp(call_text(call, "format"), "json") == 0;
    if (ask(call, &link, "GET", "/_emulator/env", &environment, err) < 0)
        return -1;
    if (!call->wants_json)
        print_exports(call, environment);
    call_hint(call, "In a shell: eval \"$(partnerapp emulator env)\"");
    return 0;
}

/* --- status ------------------------------------------------------------------------- */

static void print_state(const struct call *call, const struct json *state)
{
    static const struct {
        const char *title, *member;
    } rows[] = {
        {"Workspaces", "workspaces"},     {"Sources", "sources"},
        {"Destinations", "destinations"}, {"Installs", "installs"},
        {"Waiting", "waiting"},           {"Faults", "faults"},
    };
    const struct print *out = &call->out;

    print_text(out, "  %-14s %.*s", "Clock",
               BYTES_FMT(json_string(json_path(state, "clock.now"))));
    if (json_bool(json_path(state, "clock.frozen")))
        print_text(out, "  frozen\n");
    else
        print_text(out, "  rate %g\n", json_double(json_path(state, "clock.rate")));
    print_text(out, "  %-14s %lld\n", "Seed",
               (long long)json_i64(json_get(state, "seed")));
    for (size_t i = 0; i < COUNT(rows); i++)
        print_text(out, "  %-14s %lld\n", rows[i].title,
                   (long long)json_i64(json_get(state, rows[i].member)));
}

int emulator_status_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *state = NULL;
    struct emulator_link link;

    if (ask(call, &link, "GET", "/_emulator/state", &state, err) < 0)
        return -1;
    if (call->wants_json)
        return 0;
    print_styled(&call->out, PRINT_BOLD, "local Segment %.*s",
                 BYTES_FMT(json_string(json_get(state, "version"))));
    print_text(&call->out, " · %s/\n\n", link.base);
    print_state(call, state);
    return 0;
}

/* --- reset -------------------------------------------------------------------------- */

int emulator_reset_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *state = NULL;
    struct emulator_link link;

    if (ask(call, &link, "POST", "/_emulator/reset", &state, err) < 0)
        return -1;
    if (!call->wants_json)
        print_text(&call->out,
                   "Reset: the local Segment at %s is as it was at its first start\n",
                   link.base);
    return 0;
}

/* --- snapshot ----------------------------------------------------------------------- */

static int save(const struct call *call, const struct emulator_link *link,
                const char *file, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, API_ANSWER_MAX);
    if (emulator_link_ask_text(link, "GET", "/_emulator/snapshot", BYTES(""), &text,
                               err) < 0)
        return -1;
    if (strcmp(file, "-") == 0) {
        print_raw(&call->out, buf_bytes(&text));
        return 0;
    }
    /* Tokens and secrets are in it. */
    if (disk_replace(file, buf_bytes(&text), 0600, err) < 0)
        return -1;
    call_say(call, "Saved in %s. Back to it: partnerapp emulator snapshot load %s", file,
             file);
    return 0;
}

static int load(const struct call *call, const struct emulator_link *link,
                const char *file, struct err *err)
{
    cleanup(buf_done) struct buf snapshot = {0};
    cleanup(buf_done) struct buf answer = {0};

    buf_init(&snapshot, API_ANSWER_MAX);
    buf_init(&answer, API_ANSWER_MAX);
    if (input_read(file, &snapshot, err) < 0 ||
        emulator_link_ask_text(link, "PUT", "/_emulator/snapshot", buf_bytes(&snapshot),
                               &answer, err) < 0)
        return -1;
    if (call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&answer)));
    else
        call_say(call, "Loaded %s: everything is as it was then, the clock too", file);
    return 0;
}

int emulator_snapshot_run(struct call *call, struct err *err)
{
    const char *verb = call_arg(call, 0);
    const char *file = call_arg(call, 1);
    struct emulator_link link;

    if (strcmp(verb, "save") != 0 && strcmp(verb, "load") != 0)
        return err_code(err, "PA7004", ERR_USAGE,
                        "partnerapp emulator snapshot wants save FILE or load FILE");
    if (emulator_link_open(&link, call, err) < 0)
        return -1;
    return strcmp(verb, "save") == 0 ? save(call, &link, file, err)
                                     : load(call, &link, file, err);
}
