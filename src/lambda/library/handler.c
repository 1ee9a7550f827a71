/* SPDX-License-Identifier: MIT */

/*
 * Between the Runtime API and a handler in C: partnerapp_main.
 */

#include <signal.h>
#include <stdio.h>

#include "base/err.h"
#include "lambda/library/result.h"
#include "lambda/library/sender.h"
#include "sys/loop.h"
#include "json/scan.h"

/* The program's. Weak, so that one without it is told so in words. */
#pragma weak partnerapp_process

struct handler {
    struct partnerapp_result result; /* of the invocation that is under way */
    struct bytes settings;           /* the environment's */
};

/* After the answer the machine may be frozen: what is not out by then comes late. */
static void flush_logs(void)
{
    (void)fflush(stdout);
    (void)fflush(stderr);
}

static void begin(void *arg, struct runtime_invocation *invocation,
                  const struct runtime_next *next)
{
    struct handler *handler = arg;
    struct partnerapp_result *result = &handler->result;
    struct runtime_failure failure = {0};
    struct bytes json = {0};
    bool is_delivered = false;

    if (result_begin(result, next, handler->settings, &failure)) {
        const int outcome = partnerapp_process(&result->payload, result);

        is_delivered = result_end(result, outcome, &json, &failure);
    }
    flush_logs();
    if (is_delivered)
        runtime_answer(invocation, json);
    else
        runtime_fail(invocation, &failure);
    result_done(result);
}

/* Once, and not in every invocation; without what stands there, which is secret. */
static int check_settings(struct bytes settings, struct err *err)
{
    struct scan_span root;
    struct scan_fault fault;

    if (settings.len == 0)
        return 0;
    if (!scan_json(settings, NULL, &root, &fault))
        return err_set(err, "PARTNERAPP_SETTINGS is no JSON: %s at byte %zu", fault.why,
                       fault.offset);
    if (root.kind != SCAN_OBJECT)
        return err_set(err, "PARTNERAPP_SETTINGS wants a JSON object");
    return 0;
}

/* 1 with @err when the environment forbids to begin; else -1, at the end. */
static int serve(struct bytes api, struct err *err)
{
    struct handler handler = {.settings = bytes_str(getenv("PARTNERAPP_SETTINGS"))};
    const struct runtime_options options = {
        .api = api,
        .begin_fn = begin,
        .arg = &handler,
    };
    struct loop *loop;
    struct runtime *runtime;
    int r;

    if (check_settings(handler.settings, err) < 0 ||
        sender_new(bytes_str(getenv("PARTNERAPP_EGRESS_ALLOW")), &handler.result.sender,
                   err) < 0)
        return 1;
    loop = loop_new();
    runtime = runtime_new(loop, &options);
    r = runtime_run(runtime, err);
    runtime_free(runtime);
    loop_free(loop);
    sender_free(handler.result.sender);
    return r;
}

static int refuse_init(struct bytes api, const char *type, const char *message)
{
    const struct runtime_failure failure = {
        .type = bytes_str(type),
        .message = bytes_str(message),
    };
    struct err err = {0};

    fprintf(stderr, "error: %s\n", message);
    if (runtime_refuse_init(api, &failure, &err) < 0)
        fprintf(stderr, "error: %s\n", err.text);
    return 1;
}

static int refuse_to_run(const char *name)
{
    fprintf(stderr,
            "error: this program is an AWS Lambda function, and there is no "
            "AWS_LAMBDA_RUNTIME_API\n"
            "  = help: partnerapp lambda serve --command %s\n"
            "  = help: partnerapp lambda package --handler %s -o handler.zip\n",
            name, name);
    return 1;
}

int partnerapp_main(int argc, char **argv)
{
    const struct bytes api = bytes_str(getenv("AWS_LAMBDA_RUNTIME_API"));
    struct err err = {0};
    int r;

    if (api.len == 0)
        return refuse_to_run(argc > 0 ? argv[0] : "./handler");
    if (partnerapp_process == NULL)
        return refuse_init(api, "Runtime.HandlerNotFound",
                           "the program has no function partnerapp_process; in C++ it is "
                           "declared by <partnerapp.h>");
    (void)signal(SIGPIPE, SIG_IGN);
    r = serve(api, &err);
    if (r > 0)
        return refuse_init(api, "Runtime.InvalidEnvironment", err.text);
    fprintf(stderr, "error: %s\n", err.text);
    return 1;
}
