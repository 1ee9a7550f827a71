/* SPDX-License-Identifier: MIT */

#include "cli/table_lambda.h"

#include "base/attr.h"

static const struct command commands[] = {
    {
        .name = "lambda run",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "a function behind the Lambda Runtime API: what bootstrap is",
        .planned = "lambda subscriptions",
    },
    {
        .name = "lambda serve",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "a Lambda service on this machine, for a lambda in any language",
        .planned = "lambda subscriptions",
    },
    {
        .name = "lambda invoke",
        .group = GROUP_WORK,
        .arguments = "FUNCTION",
        .summary = "invoke a function once, and show result and log",
        .planned = "lambda subscriptions",
    },
    {
        .name = "lambda package",
        .group = GROUP_WORK,
        .arguments = "[FUNCTION]",
        .summary = "a zip for provided.al2023",
        .planned = "lambda subscriptions",
    },
    {
        .name = "lambda template",
        .group = GROUP_WORK,
        .arguments = "",
        .summary = "a SAM template with the role that Segment assumes",
        .planned = "lambda subscriptions",
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
