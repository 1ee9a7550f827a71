/* SPDX-License-Identifier: MIT */

/* What follows from several values together, and what they may not be together. */

#include "core/config_read.h"

#include "json/scan.h"

enum { ENDPOINT_MAX = 8192 };

#define DEV_FUNCTION "functions/hello/index.js"

static bool is_given(const struct config_reader *reader, const char *name)
{
    return config_read_is_given(reader, &reader->top, name);
}

/* A problem of a value, placed where the file has it. */
static void place_key(struct config_reader *reader, struct err *problem,
                      const struct config_target *target, const char *name,
                      const char *label)
{
    const struct config_key *key = config_read_key(reader, bytes_str(name));
    struct yaml_place at = target->places[key - reader->keys];

    if (at.line == 0) {
        at = target->place;
        label = NULL;
    }
    if (at.line > 0)
        config_problem_at(problem, &reader->file, at, label);
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

/* `dev` works without a configuration: one subscription that sends to its own sink. */
static void make_dev_subscription(struct config_reader *reader)
{
    struct config *config = reader->config;
    struct config_subscription *subscription;

    config_read_subscriptions(reader, 1);
    subscription = &config->subscriptions[0];
    subscription->name = "default";
    subscription->auth = CONFIG_AUTH_NONE;
    subscription->function =
        arena_printf(&config->arena, "%.*s%s", BYTES_FMT(reader->folder), DEV_FUNCTION);
    subscription->endpoint = arena_printf(&config->arena, "http://localhost:%d/sink/demo",
                                          config->server.public_address.port);
    subscription->settings_json =
        arena_printf(&config->arena, "{\"endpoint\":\"%s\"}", subscription->endpoint);
}

static void check_server(struct config_reader *reader)
{
    struct config *config = reader->config;
    bool has_cert = config->server.tls_cert != NULL;

    if (reader->sources->is_dev && !is_given(reader, "server.admin"))
        config->server.admin_address = config->server.public_address;
    if (has_cert != (config->server.tls_key != NULL))
        place_key(reader,
                  config_problem(reader->problems, "PA1018", "`%s` is set without `%s`",
                                 has_cert ? "server.tls_cert" : "server.tls_key",
                                 has_cert ? "server.tls_key" : "server.tls_cert"),
                  &reader->top, has_cert ? "server.tls_cert" : "server.tls_key", NULL);
    if (config->store != NULL && strncmp(config->store, "sqlite:", 7) != 0)
        place_key(reader,
                  config_problem(reader->problems, "PA1011",
                                 "`store: postgresql://…` is not built yet"),
                  &reader->top, "store", "use sqlite:PATH, or leave it out");
}

static void check_credentials(struct config_reader *reader)
{
    bool has_id = is_given(reader, "app.client_id");
    bool has_secret = is_given(reader, "app.client_secret");
    struct err *problem;

    if (reader->sources->is_dev || (has_id && has_secret))
        return;
    problem = config_problem(reader->problems, "PA1010", "no %s",
                             has_id       ? "CLIENT_SECRET"
                             : has_secret ? "CLIENT_ID"
                                          : "CLIENT_ID or CLIENT_SECRET");
    err_place(problem, "  looked in: environment, .env, partnerapp.yaml [app]");
    err_help(problem,
             "copy both from the Developer Center (App Info → OAuth) into .env:");
    err_help(problem, "CLIENT_ID=… and CLIENT_SECRET=…");
    err_help(problem, "just trying things out? `partnerapp dev` needs neither");
}

static void check_app(struct config_reader *reader)
{
    struct config *config = reader->config;

    config->app.is_present = reader->app_place.line > 0 ||
                             is_given(reader, "app.destination") ||
                             is_given(reader, "app.scope");
    if (!config->app.is_present && reader->sources->is_dev &&
        reader->sources->file_path == NULL) {
        config->app.is_present = true;
        config->app.destination = "demo";
        config->app.settings_json = "{\"apiKey\":\"new\"}";
    }
    if (!config->app.is_present)
        return;
    check_credentials(reader);
    if (config->app.destination == NULL && !is_given(reader, "app.destination"))
        config_problem_at(config_problem(reader->problems, "PA1017",
                                         "`app` needs `destination`, the slug of your "
                                         "destination in Segment's catalog"),
                          &reader->file, reader->app_place, NULL);
    else if (config->app.destination != NULL && config->app.scope == NULL)
        config->app.scope =
            arena_printf(&config->arena, "destination/%s", config->app.destination);
    if (strcmp(config->segment.api, "public") == 0)
        place_key(reader,
                  config_problem(reader->problems, "PA1011",
                                 "`segment.api: public` is not built yet"),
                  &reader->top, "segment.api", "use v1beta");
}

/* One subscription under judgement. */
struct subject {
    struct config_reader *reader;
    struct config_subscription *subscription;
    const struct config_target *target;
    size_t index;
};

static void complain(const struct subject *subject, struct err *problem, const char *name,
                     const char *label)
{
    place_key(subject->reader, problem, subject->target, name, label);
}

/* The settings' own "endpoint", when it is a URL. */
static void take_endpoint(const struct subject *subject)
{
    struct config_subscription *subscription = subject->subscription;
    const struct config_key *key =
        config_read_key(subject->reader, BYTES("subscriptions[].endpoint"));
    const struct config_reading reading = {.arena = &subject->reader->config->arena};
    struct scan_span found;
    struct buf text;
    const char *why = NULL;

    if (subscription->endpoint != NULL ||
        !scan_find(bytes_str(subscription->settings_json), BYTES("endpoint"), &found) ||
        found.kind != SCAN_STRING)
        return;
    buf_init(&text, ENDPOINT_MAX);
    if (scan_unescape(scan_inside(&found), &text) == 0)
        (void)!config_rule_read(key->rule, buf_bytes(&text), &reading, subscription,
                                &why);
    buf_done(&text);
}

static void complete(const struct subject *subject)
{
    struct config_subscription *subscription = subject->subscription;

    take_endpoint(subject);
    if (subscription->path != NULL || subscription->name == NULL)
        return;
    if (subscription->kind == CONFIG_DESTINATION &&
        strcmp(subscription->name, "default") == 0)
        subscription->path = "/webhook";
    else
        subscription->path =
            arena_printf(&subject->reader->config->arena, "/%s/%s",
                         subscription->kind == CONFIG_SOURCE ? "source" : "webhook",
                         subscription->name);
}

static void check_name(const struct subject *subject)
{
    if (subject->subscription->name == NULL &&
        !config_read_is_given(subject->reader, subject->target, "subscriptions[].name"))
        complain(subject,
                 config_problem(subject->reader->problems, "PA1017",
                                "subscription %zu needs a `name`", subject->index + 1),
                 "subscriptions[].name", NULL);
}

static void check_unique(const struct subject *subject)
{
    const struct config_subscription *all = subject->reader->config->subscriptions;
    const struct config_subscription *subscription = subject->subscription;

    for (const struct config_subscription *other = all; other < subscription; other++) {
        if (other->name == NULL || other->path == NULL || subscription->name == NULL)
            continue;
        if (strcmp(other->name, subscription->name) == 0) {
            complain(subject,
                     config_problem(subject->reader->problems, "PA1014",
                                    "two subscriptions are called `%s`",
                                    subscription->name),
                     "subscriptions[].name", "this is the second");
            return;
        }
        if (strcmp(other->path, subscription->path) == 0)
            complain(subject,
                     config_problem(subject->reader->problems, "PA1014",
                                    "the subscriptions `%s` and `%s` have the same path "
                                    "`%s`",
                                    other->name, subscription->name, subscription->path),
                     "subscriptions[].path", "this is the second");
    }
}

static void check_auth(const struct subject *subject)
{
    const struct config_subscription *subscription = subject->subscription;
    const struct config_reader *reader = subject->reader;
    const char *name = subscription->name != NULL ? subscription->name : "?";
    enum config_auth auth = subscription->auth;
    struct err *problem;

    if ((auth == CONFIG_AUTH_SIGNATURE || auth == CONFIG_AUTH_BOTH) &&
        !secret_is_set(&subscription->secret)) {
        problem = config_problem(
            reader->problems, "PA1013",
            "subscription `%s` checks signatures but has no `secret`", name);
        complain(subject, problem, "subscriptions[].auth",
                 "X-Signature is checked with `secret`");
        err_help(problem, "secret_file: /run/secrets/%s     keeps it out of this file",
                 name);
    }
    /* Who posts to a source has no key of ours: its function checks who it is. */
    if (auth == CONFIG_AUTH_NONE && subscription->kind == CONFIG_DESTINATION &&
        !reader->sources->is_dev &&
        !is_loopback(reader->config->server.public_address.host)) {
        problem = config_problem(reader->problems, "PA1012",
                                 "subscription `%s` would let anybody in", name);
        complain(subject, problem, "subscriptions[].auth",
                 "only where server.public is loopback");
        err_help(problem,
                 "auth: key     and give customers keys: partnerapp keys create");
        err_help(problem, "or listen on this machine only: server.public: 127.0.0.1:%d",
                 reader->config->server.public_address.port);
    }
}

static void not_built(const struct subject *subject, bool is_wanted, const char *key,
                      const char *what)
{
    if (is_wanted)
        complain(subject,
                 config_problem(subject->reader->problems, "PA1011",
                                "`%s` is not built yet", what),
                 key, "leave it out until then");
}

static void check_built(const struct subject *subject)
{
    const struct config_subscription *subscription = subject->subscription;

    not_built(subject, subscription->order == CONFIG_ORDER_USER, "subscriptions[].order",
              "order: user");
}

/* PA1019: keys that make no sense together in a source, or outside of one. */
static void misfit(const struct subject *subject, const char *key, const char *why,
                   const char *help)
{
    const char *name = subject->subscription->name;
    struct err *problem =
        config_problem(subject->reader->problems, "PA1019", "subscription `%s`: %s",
                       name != NULL ? name : "?", why);

    complain(subject, problem, key, NULL);
    err_help(problem, "%s", help);
}

static void check_source(const struct subject *subject)
{
    const struct config_subscription *subscription = subject->subscription;

    if (subscription->function == NULL)
        misfit(subject, "subscriptions[].kind", "a source has no `function`",
               "function: functions/NAME/index.js     its onRequest gets what is posted");
    if (!secret_is_set(&subscription->write_key))
        misfit(subject, "subscriptions[].kind", "a source has no `write_key`",
               "write_key_file: /run/secrets/NAME     of the source in Segment that "
               "Segment.track() … feed");
    if (subscription->mode == CONFIG_MODE_INLINE)
        misfit(subject, "subscriptions[].mode",
               "a source answers before its function runs",
               "mode: queue     or leave it out");
    if (subscription->generation == CONFIG_GENERATION_CUSTOM ||
        subscription->generation == CONFIG_GENERATION_SUBSCRIPTION)
        misfit(subject, "subscriptions[].generation",
               "the first two generations have no onRequest",
               "generation: functions     or leave it out");
}

static void check_destination(const struct subject *subject)
{
    if (secret_is_set(&subject->subscription->write_key))
        misfit(subject, "subscriptions[].write_key",
               "only `kind: source` sends anything under a `write_key`",
               "kind: source     or leave the key out");
}

static void check_purpose(const struct subject *subject)
{
    const struct config_subscription *subscription = subject->subscription;
    struct err *problem;

    if (subscription->kind == CONFIG_SOURCE) {
        check_source(subject);
        return;
    }
    check_destination(subject);
    if (subscription->function != NULL || subscription->endpoint != NULL ||
        config_read_is_given(subject->reader, subject->target,
                             "subscriptions[].endpoint"))
        return;
    problem = config_problem(subject->reader->problems, "PA1015",
                             "subscription `%s` has nothing to do with its events",
                             subscription->name != NULL ? subscription->name : "?");
    complain(subject, problem, "subscriptions[].name", "no `function`, no `endpoint`");
    err_help(problem, "function: functions/hello/index.js     translates them");
    err_help(problem, "endpoint: https://api.example.com/hook  takes them as they are");
}

static void check_subscriptions(struct config_reader *reader)
{
    struct config *config = reader->config;
    struct err *problem;

    for (size_t i = 0; i < config->n_subscriptions; i++) {
        const struct subject subject = {
            .reader = reader,
            .subscription = &config->subscriptions[i],
            .target = &reader->subscriptions[i],
            .index = i,
        };

        complete(&subject);
        /* Of values that are wrong by themselves nothing follows. */
        if (subject.target->is_faulty)
            continue;
        check_name(&subject);
        check_unique(&subject);
        check_auth(&subject);
        check_built(&subject);
        check_purpose(&subject);
    }
    if (config->n_subscriptions > 0)
        return;
    problem = config_problem(reader->problems, "PA1016",
                             "no subscription: nothing could come in");
    config_problem_at(problem, &reader->file, (struct yaml_place){0}, NULL);
    err_help(problem, "subscriptions:");
    err_help(problem, "  - name: default");
    err_help(problem, "    function: functions/hello/index.js");
    err_help(problem, "just trying things out? `partnerapp dev` needs none");
}

void config_check(struct config_reader *reader)
{
    check_server(reader);
    check_app(reader);
    if (reader->sources->is_dev && reader->config->n_subscriptions == 0)
        make_dev_subscription(reader);
    check_subscriptions(reader);
}
