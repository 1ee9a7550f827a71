/* SPDX-License-Identifier: MIT */

#include "lambda/host/variables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/time_text.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum { MAX_OWN = 32 };

struct variables {
    struct arena *arena;
    const char **list;
};

/* Where "NAME=…" stands, or where it would. */
static const char **find(const struct variables *variables, const char *name)
{
    const size_t len = strlen(name);
    const char **at = variables->list;

    while (*at != NULL && (strncmp(*at, name, len) != 0 || (*at)[len] != '='))
        at++;
    return at;
}

static void set(const struct variables *variables, const char *name, const char *value)
{
    *find(variables, name) = arena_printf(variables->arena, "%s=%s", name, value);
}

static void set_absent(const struct variables *variables, const char *name,
                       const char *value)
{
    if (*find(variables, name) == NULL)
        set(variables, name, value);
}

/* 2026/09/03/[$LATEST]32 hex digits */
static const char *stream_name(struct arena *arena)
{
    char today[TIME_TEXT_LEN + 1];
    uint8_t bytes[16];
    char hex[2 * sizeof(bytes) + 1];

    time_text_format(clock_wall_ms(), today);
    rand_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), hex);
    return arena_printf(arena, "%.4s/%.2s/%.2s/[$LATEST]%s", today, today + 5, today + 8,
                        hex);
}

static void set_credentials(const struct variables *variables)
{
    if (*find(variables, "AWS_ACCESS_KEY_ID") != NULL)
        return;
    set(variables, "AWS_ACCESS_KEY_ID", "local");
    set(variables, "AWS_SECRET_ACCESS_KEY", "local");
    set(variables, "AWS_SESSION_TOKEN", "local");
}

static void set_aws(const struct variables *variables,
                    const struct environment *environment)
{
    const struct host *host = environment->host;
    const struct host_options *options = &host->options;
    struct arena *arena = variables->arena;

    set(variables, "AWS_LAMBDA_RUNTIME_API",
        arena_printf(arena, "127.0.0.1:%d", listener_port(&environment->api)));
    set(variables, "_HANDLER", options->handler);
    set(variables, "LAMBDA_TASK_ROOT", options->task_root);
    set_absent(variables, "LAMBDA_RUNTIME_DIR", "/var/runtime");
    set_absent(variables, "AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023");
    set_absent(variables, "AWS_REGION", host->region);
    set_absent(variables, "AWS_DEFAULT_REGION", host->region);
    set(variables, "AWS_LAMBDA_FUNCTION_NAME", options->function_name);
    set(variables, "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    set(variables, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        arena_printf(arena, "%u", options->memory_mb));
    set(variables, "AWS_LAMBDA_LOG_GROUP_NAME",
        arena_printf(arena, "/aws/lambda/%s", options->function_name));
    set(variables, "AWS_LAMBDA_LOG_STREAM_NAME", stream_name(arena));
    set(variables, "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    set(variables, "TZ", ":UTC");
    set_credentials(variables);
}

const char **variables_make(const struct environment *environment, struct arena *arena)
{
    const char *const *given = environment->host->options.environment;
    struct variables variables = {.arena = arena};
    size_t n = MAX_OWN;

    for (size_t i = 0; environ[i] != NULL; i++)
        n++;
    for (size_t i = 0; given != NULL && given[i] != NULL; i++)
        n++;
    variables.list = arena_zero(arena, n * sizeof(*variables.list));
    for (size_t i = 0; environ[i] != NULL; i++)
        variables.list[i] = environ[i];
    set_aws(&variables, environment);
    for (size_t i = 0; given != NULL && given[i] != NULL; i++) {
        struct bytes value = bytes_str(given[i]);
        const struct bytes name = bytes_take_until(&value, '=');

        set(&variables, arena_copy(arena, name), given[i] + name.len + 1);
    }
    return variables.list;
}
