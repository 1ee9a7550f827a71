/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_read - from texts to values: defaults, file, .env, environment, flags, in this
 * order, each overwriting what is lower. What the values mean together is config_check's.
 */

#include "core/config_problem.h"
#include "core/config_rule.h"

/* What a key's value is written to: the config itself, or one of its subscriptions. */
struct config_target {
    void *base;
    const char **origins;      /* by the key's index; NULL: default */
    struct yaml_place *places; /* likewise, of values in the file */
    struct yaml_place place;   /* of a subscription's beginning; line 0: in no file */
    bool is_faulty;            /* of a subscription: something in it is wrong already */
};

struct config_reader {
    const struct config_sources *sources;
    struct config *config;
    struct config_problems *problems;
    struct config_source file;
    struct bytes folder; /* of the file, with its slash */
    const struct config_key *keys;
    size_t n_keys;
    struct config_target top;
    struct config_target *subscriptions; /* as many as config->n_subscriptions */
    struct yaml_place app_place;         /* of the section; line 0: absent */
    bool is_file_broken; /* too wrong to judge what its values are together */
};

/* Fills reader->config (zeroed, its arena ready) as far as the sources say; what is wrong
 * is among the problems. */
void config_read(struct config_reader *reader);

/*
 * config_read and what follows from all values together (config_check.c). @ret_reader's
 * config is the caller's to free, also with problems; it is whole when there are none.
 */
void config_build(const struct config_sources *sources, struct config_reader *ret_reader,
                  struct config_problems *problems);
/* Fills in what depends on other values, and judges them together. */
void config_check(struct config_reader *reader);

/* The key of this name, or NULL. */
const struct config_key *config_read_key(const struct config_reader *reader,
                                         struct bytes name);
/* Is a value given for the key, in any source? */
bool config_read_is_given(const struct config_reader *reader,
                          const struct config_target *target, const char *name);
/* Makes @n subscriptions with all defaults. */
void config_read_subscriptions(struct config_reader *reader, size_t n);

/* The steps that have a file of their own: config_file.c, config_environment.c. */
void config_read_file(struct config_reader *reader);
void config_read_environment(struct config_reader *reader);

/* One value's way in. */
struct config_value {
    const struct config_key *key;
    const char
        *name; /* as its writer called it: "retry.attempts", "CLIENT_SECRET_FILE" */
    struct bytes text;
    const char *origin;
    struct yaml_place place; /* in the file; line 0: elsewhere */
    bool is_file;            /* of a secret: the text names the file that holds it */
    bool in_file;            /* relative paths are relative to the configuration file */
    bool is_plain;           /* without quotes: a number is meant as one */
};

/* Reads @value into @target. NULL when it fits, else the problem, to be given a place;
 * *ret_label (static, or in the arena) says what the value is: "this is a string". */
struct err *config_read_value(struct config_reader *reader,
                              const struct config_value *value,
                              const struct config_target *target, const char **ret_label);
