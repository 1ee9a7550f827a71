/* SPDX-License-Identifier: MIT */

#include "cli/table_lambda.h"

#include "base/attr.h"
#include "cli/commands.h"
#include "cli/fn_flags.h"
#include "cli/lambda_host_flags.h"

#define EXAMPLES(...)                                                                    \
    (const char *const[])                                                                \
    {                                                                                    \
        __VA_ARGS__, NULL                                                                \
    }

static const struct flag template_flags[] = {
    {.name = "function-name",
     .kind = FLAG_TEXT,
     .value = "NAME",
     .summary = "the function's name in AWS; without it AWS makes one up"},
    {.name = "external-id",
     .kind = FLAG_TEXT,
     .value = "ID",
     .summary = "of your Segment workspace; without it, asked for at deployment"},
    {.name = "code-uri",
     .kind = FLAG_PATH,
     .value = "ZIP",
     .summary = "what `lambda package` made; without it NAME.zip or out.zip"},
    {.name = "timeout",
     .kind = FLAG_NUMBER,
     .value = "SECONDS",
     .default_text = "5",
     .summary = "1 to 900; Segment itself waits 5"},
    {.name = "memory",
     .kind = FLAG_NUMBER,
     .value = "MB",
     .default_text = "512",
     .summary = "128 to 10240"},
    {.name = NULL},
};

static const struct flag run_flags[] = {
    {.name = "generation",
     .kind = FLAG_CHOICE,
     .value = "WHICH",
     .choices = "auto custom subscription functions",
     .default_text = "auto",
     .summary = "whose interface the code is written for"},
    {.name = "allow-eval", .summary = "let the code use eval() and new Function()"},
    {.name = "allow-loopback", .summary = "let the code reach this machine"},
    {.name = NULL},
};

static const struct command commands[] = {
    {
        .name = "lambda run",
        .group = GROUP_WORK,
        .arguments = "[FUNCTION]",
        .max_args = 1,
        .summary = "a function behind the Lambda Runtime API: what bootstrap is",
        .flags = run_flags,
        .examples = (const char *const[]){"AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 "
                                          "partnerapp lambda run hello",
                                          NULL},
        .run = lambda_run_run,
    },
    {
        .name = "lambda serve",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "a Lambda service on this machine, for a lambda in any language",
        .flags = lambda_serve_flags,
        .examples =
            (const char *const[]){
                "partnerapp lambda serve --function hello",
                "partnerapp lambda serve --command 'npx aws-lambda-ric index.handler'",
                NULL},
        .run = lambda_serve_run,
    },
    {
        .name = "lambda invoke",
        .group = GROUP_WORK,
        .arguments = "FUNCTION",
        .min_args = 1,
        .max_args = 1,
        .summary = "invoke a function once, and show result and log",
        .flags = lambda_invoke_flags,
        .examples =
            (const char *const[]){
                "partnerapp lambda invoke hello --event track.json",
                "partnerapp lambda invoke hello --url http://127.0.0.1:9001 --log", NULL},
        .run = lambda_invoke_run,
    },
    {
        .name = "lambda package",
        .group = GROUP_WORK,
        .arguments = "[FUNCTION]",
        .max_args = 1,
        .summary = "a zip for provided.al2023 with all that a function needs",
        .examples =
            EXAMPLES("partnerapp lambda package hello",
                     "partnerapp lambda package functions/hello/index.js -o out.zip",
                     "partnerapp lambda package --handler ./program -o out.zip"),
        .flags = lambda_package_flags,
        .run = lambda_package_run,
    },
    {
        .name = "lambda template",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "a SAM template with the role that Segment assumes",
        .examples = EXAMPLES("partnerapp lambda template > template.yaml",
                             "partnerapp lambda template --function-name hello "
                             "--code-uri out.zip --external-id WORKSPACE_ID"),
        .flags = template_flags,
        .run = lambda_template_run,
    },
};

size_t table_lambda_count(void)
{
    return COUNT(commands);
}

const struct command *table_lambda_at(size_t index)
{
    return &commands[index];
}
