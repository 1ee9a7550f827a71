/* SPDX-License-Identifier: MIT */

#include "core/config_read.h"

#include "json/write.h"

static void show_row(struct write *write, const struct config_reader *reader,
                     const struct config_target *target, size_t key_index,
                     const char *name)
{
    const char *origin = target->origins[key_index];

    write_object(write);
    write_member_text(write, "key", name);
    write_key(write, "value");
    config_rule_show(reader->keys[key_index].rule, target->base, write);
    write_member_text(write, "origin", origin != NULL ? origin : "default");
    write_object_end(write);
}

/* What follows "subscriptions[]" in a key's name, or NULL. */
static const char *within_subscription(const struct config_key *key)
{
    static const char list[] = "subscriptions[]";

    return strncmp(key->name, list, sizeof(list) - 1) == 0 ? key->name + sizeof(list) - 1
                                                           : NULL;
}

static void show_subscription(struct write *write, const struct config_reader *reader,
                              size_t index)
{
    for (size_t i = 0; i < reader->n_keys; i++) {
        const char *rest = within_subscription(&reader->keys[i]);

        if (rest != NULL)
            show_row(write, reader, &reader->subscriptions[index], i,
                     arena_printf(&reader->config->arena, "subscriptions[%zu]%s", index,
                                  rest));
    }
}

static void show_all(struct write *write, const struct config_reader *reader)
{
    write_array(write);
    for (size_t i = 0; i < reader->n_keys; i++) {
        if (within_subscription(&reader->keys[i]) == NULL)
            show_row(write, reader, &reader->top, i, reader->keys[i].name);
    }
    for (size_t i = 0; i < reader->config->n_subscriptions; i++)
        show_subscription(write, reader, i);
    write_array_end(write);
}

int config_show(const struct config_sources *sources, struct buf *ret_json)
{
    struct config_problems problems;
    struct config_reader reader;
    struct write write;
    int answer = -1;

    config_build(sources, &reader, &problems);
    if (problems.n_items == 0) {
        write_init(&write, ret_json);
        show_all(&write, &reader);
        answer = ret_json->full ? -1 : 0;
    }
    config_problems_done(&problems);
    config_free(reader.config);
    return answer;
}
