/* SPDX-License-Identifier: MIT */

/* config show, check and reference: what can be set, and what is. */

#include "base/err.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/setup.h"
#include "core/config_problem.h"
#include "sys/disk.h"
#include "json/json.h"
#include "json/write.h"

enum { SHOWN_MAX = 4 << 20 };

static void print_values(const struct call *call, const struct json *values)
{
    bool with_origin = call_has(call, "origin");
    struct columns columns;

    columns_init(&columns, with_origin ? "KEY VALUE ORIGIN" : "KEY VALUE");
    for (size_t i = 0; i < json_count(values); i++) {
        const struct json *row = json_at(values, i);
        const struct json *value = json_get(row, "value");
        struct buf text;

        buf_init(&text, SHOWN_MAX);
        if (json_kind(value) == JSON_STRING)
            buf_add(&text, json_string(value));
        else if (json_kind(value) != JSON_MISSING)
            json_print(value, /* indented= */ false, &text);
        columns_add(&columns, json_string(json_get(row, "key")));
        columns_add(&columns, buf_bytes(&text));
        if (with_origin)
            columns_add(&columns, json_string(json_get(row, "origin")));
        buf_done(&text);
    }
    columns_print(&columns, &call->out);
    columns_done(&columns);
}

static int show(const struct call *call, const struct buf *shown, struct err *err)
{
    cleanup(json_freep) struct json *values = NULL;

    if (call->wants_json) {
        print_text(&call->out, "{\"data\":%s}\n", buf_text(shown));
        return 0;
    }
    if (json_parse(buf_bytes(shown), &values, err) < 0)
        return -1;
    print_values(call, values);
    return 0;
}

/* Shows what is in effect only when it would start: else its problems are the answer. */
int config_show_run(struct call *call, struct err *err)
{
    struct setup setup;
    struct config_sources sources;
    struct config *config = NULL;
    struct buf shown;
    int answer = setup_read(&setup, call, /* is_dev= */ false, err);

    buf_init(&shown, SHOWN_MAX);
    if (answer == 0)
        answer = setup_load(&setup, call, &config);
    if (answer == 0) {
        setup_sources(&setup, &sources);
        answer = config_show(&sources, &shown) == 0 ? show(call, &shown, err)
                                                    : err_set(err, "too much to show");
    }
    config_free(config);
    buf_done(&shown);
    setup_done(&setup);
    return answer == SETUP_BROKEN ? (int)ERR_CONFIG : answer;
}

/* Files that only the service opens; better told now than at its start. */
static void check_functions(const struct config *config, struct config_problems *problems)
{
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        const struct config_subscription *subscription = &config->subscriptions[i];
        struct err *problem;

        if (subscription->function == NULL || disk_exists(subscription->function))
            continue;
        problem = config_problem(problems, "PA1009",
                                 "the function of subscription `%s` is not there",
                                 subscription->name);
        err_place(problem, "--> %s", subscription->function);
    }
}

static void print_checked(const struct call *call, const struct setup *setup,
                          const struct config_problems *problems)
{
    cleanup(buf_done) struct buf json = {0};

    if (problems->n_items == 0) {
        print_text(
            &call->out,
            call->wants_json ? "{\"ok\":true,\"problems\":[]}\n" : "%s: no problems\n",
            setup->file_path != NULL ? setup->file_path : "defaults and environment");
        return;
    }
    if (!call->wants_json) {
        setup_show_problems(call, problems);
        return;
    }
    buf_init(&json, SHOWN_MAX);
    diagnostic_json_all(problems->items, problems->n_items, &json);
    print_text(&call->out, "{\"ok\":false,%s\n", buf_text(&json) + 1);
}

int config_check_run(struct call *call, struct err *err)
{
    struct setup setup;
    struct config_sources sources;
    struct config_problems problems = {0};
    struct config *config = NULL;
    int answer;

    /* A file named here is as if named by --config. */
    if (call_arg(call, 0) != NULL)
        call->values[call->n_values++] = (struct call_value){
            command_flag(NULL, "config", strlen("config"), 0), call_arg(call, 0)};
    answer = setup_read(&setup, call, /* is_dev= */ false, err);
    if (answer == 0) {
        setup_sources(&setup, &sources);
        if (config_load(&sources, &config, &problems) == 0)
            check_functions(config, &problems);
        print_checked(call, &setup, &problems);
        answer = problems.n_items > 0 ? (int)ERR_CONFIG : 0;
    }
    config_problems_done(&problems);
    config_free(config);
    setup_done(&setup);
    return answer;
}

static void write_key_row(struct write *write, const struct config_key *key)
{
    write_object(write);
    write_member_text(write, "key", key->name);
    write_member_text(write, "kind", key->kind);
    write_member_text(write, "default", key->default_text);
    write_member_text(write, "environment", key->environment);
    write_member_bool(write, "secret", key->is_secret);
    write_member_bool(write, "reloadable", key->is_reloadable);
    write_member_text(write, "help", key->help);
    write_object_end(write);
}

static void print_reference_json(const struct call *call)
{
    size_t n_keys;
    const struct config_key *keys = config_keys(&n_keys);
    struct buf json;
    struct write write;

    buf_init(&json, SHOWN_MAX);
    write_init(&write, &json);
    write_object(&write);
    write_key(&write, "data");
    write_array(&write);
    for (size_t i = 0; i < n_keys; i++)
        write_key_row(&write, &keys[i]);
    write_array_end(&write);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
    buf_done(&json);
}

static void print_key(const struct print *print, const struct config_key *key)
{
    print_styled(print, PRINT_BOLD, "%s", key->name);
    print_text(print, "   %s; default %s%s%s\n", key->kind,
               key->default_text != NULL ? key->default_text : "none",
               key->is_secret ? "; secret" : "",
               key->is_reloadable ? "" : "; needs a restart");
    print_text(print, "    %s\n", key->help);
    if (key->environment != NULL)
        print_text(print, "    %s%s\n", key->environment,
                   key->is_secret ? ", or …_FILE with a file's name" : "");
}

int config_reference_run(struct call *call, struct err *err)
{
    size_t n_keys;
    const struct config_key *keys = config_keys(&n_keys);

    (void)err;
    if (call->wants_json) {
        print_reference_json(call);
        return 0;
    }
    for (size_t i = 0; i < n_keys; i++)
        print_key(&call->out, &keys[i]);
    return 0;
}
