/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include "base/mem.h"
#include "core/config_read.h"

void config_build(const struct config_sources *sources, struct config_reader *ret_reader,
                  struct config_problems *problems)
{
    *problems = (struct config_problems){0};
    *ret_reader = (struct config_reader){
        .sources = sources,
        .config = mem_new(struct config),
        .problems = problems,
    };
    arena_init(&ret_reader->config->arena);
    config_read(ret_reader);
    if (!ret_reader->is_file_broken)
        config_check(ret_reader);
}

int config_load(const struct config_sources *sources, struct config **ret_config,
                struct config_problems *ret_problems)
{
    struct config_reader reader;

    config_build(sources, &reader, ret_problems);
    if (ret_problems->n_items > 0) {
        config_free(reader.config);
        return -1;
    }
    *ret_config = reader.config;
    return 0;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    secret_done(&config->app.client_id);
    secret_done(&config->app.client_secret);
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        secret_done(&config->subscriptions[i].secret);
        secret_done(&config->subscriptions[i].write_key);
    }
    arena_done(&config->arena);
    free(config);
}

const struct config_subscription *config_by_path(const struct config *config,
                                                 struct bytes path)
{
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        if (bytes_eq(path, bytes_str(config->subscriptions[i].path)))
            return &config->subscriptions[i];
    }
    return NULL;
}

const struct config_subscription *config_by_name(const struct config *config,
                                                 struct bytes name)
{
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        if (bytes_eq(name, bytes_str(config->subscriptions[i].name)))
            return &config->subscriptions[i];
    }
    return NULL;
}
