/* SPDX-License-Identifier: MIT */

#include "cli/fn_project.h"

#include <limits.h>
#include <stdlib.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/setup.h"
#include "service/dialect.h"
#include "trial/fn_code.h"

static const struct config_subscription *find(const struct config *config,
                                              const char *path)
{
    char wanted[PATH_MAX];
    char there[PATH_MAX];

    if (realpath(path, wanted) == NULL)
        return NULL;
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        const char *function = config->subscriptions[i].function;

        if (function != NULL && realpath(function, there) != NULL &&
            strcmp(there, wanted) == 0)
            return &config->subscriptions[i];
    }
    return NULL;
}

static void obey(struct fn_code *code, const struct config_subscription *from,
                 const struct call *call)
{
    if (call_given(call, "generation") == NULL)
        code->wish.generation = dialect_generation(from);
    if (!call_has(call, "allow-eval"))
        code->wish.allow_eval = dialect_eval(from);
    code->wish.timeout_ms = from->function_timeout_ms;
    code->wish.slice_ms = from->slice_ms;
    code->configured = arena_text(&code->arena, from->settings_json);
}

static void read_subscription(struct fn_code *code, const struct setup *setup,
                              const struct call *call)
{
    const struct config_subscription *from;
    struct config_sources sources;
    struct config_problems problems = {0};
    struct config *config = NULL;

    setup_sources(setup, &sources);
    if (config_load(&sources, &config, &problems) == 0) {
        from = find(config, code->path);
        if (from != NULL)
            obey(code, from, call);
        config_free(config);
    } else {
        call_say(call,
                 "warning: %s has problems and is not used: partnerapp config check",
                 setup->file_path);
    }
    config_problems_done(&problems);
}

int fn_project_read(struct fn_code *code, const struct call *call, struct err *err)
{
    struct setup setup;
    /* As in dev: what only a service on the network must have is not asked for. */
    int answer = setup_read(&setup, call, /* is_dev= */ true, err);

    if (answer == 0 && setup.file_path != NULL)
        read_subscription(code, &setup, call);
    setup_done(&setup);
    return answer;
}
