/* SPDX-License-Identifier: MIT */

#include "core/config_read.h"

#include "core/suggest.h"

enum {
    SECRET_FILE_MAX = 65536,
    SUBSCRIPTION_PREFIX_LEN = sizeof("subscriptions[].") - 1
};

const struct config_key *config_read_key(const struct config_reader *reader,
                                         struct bytes name)
{
    for (size_t i = 0; i < reader->n_keys; i++) {
        if (bytes_eq(name, bytes_str(reader->keys[i].name)))
            return &reader->keys[i];
    }
    return NULL;
}

bool config_read_is_given(const struct config_reader *reader,
                          const struct config_target *target, const char *name)
{
    const struct config_key *key = config_read_key(reader, bytes_str(name));

    return key != NULL && target->origins[key - reader->keys] != NULL;
}

static bool is_of_subscription(const struct config_key *key)
{
    return strncmp(key->name, "subscriptions[].", SUBSCRIPTION_PREFIX_LEN) == 0;
}

static const char *default_of(const struct config_reader *reader,
                              const struct config_key *key)
{
    return reader->sources->is_dev && key->default_in_dev != NULL ? key->default_in_dev
                                                                  : key->default_text;
}

static void set_default(struct config_reader *reader, const struct config_key *key,
                        void *base)
{
    const struct config_reading reading = {.arena = &reader->config->arena};
    const char *text = default_of(reader, key);
    const char *why = NULL;

    if (key->rule->type == CONFIG_JSON) {
        *(const char **)(void *)((char *)base + key->rule->offset) = text;
        return;
    }
    if (key->rule->is_computed || key->rule->type == CONFIG_LIST ||
        strcmp(text, "null") == 0)
        return;
    /* The table is ours; a test reads every default of it. */
    (void)!config_rule_read(key->rule, bytes_str(text), &reading, base, &why);
}

static void set_defaults(struct config_reader *reader, struct config_target *target,
                         bool of_subscription)
{
    target->origins =
        arena_zero(&reader->config->arena, reader->n_keys * sizeof(*target->origins));
    target->places =
        arena_zero(&reader->config->arena, reader->n_keys * sizeof(*target->places));
    for (size_t i = 0; i < reader->n_keys; i++) {
        if (is_of_subscription(&reader->keys[i]) == of_subscription)
            set_default(reader, &reader->keys[i], target->base);
    }
}

void config_read_subscriptions(struct config_reader *reader, size_t n)
{
    struct config *config = reader->config;

    config->subscriptions =
        arena_zero(&config->arena, n * sizeof(*config->subscriptions));
    config->n_subscriptions = n;
    reader->subscriptions =
        arena_zero(&config->arena, n * sizeof(*reader->subscriptions));
    for (size_t i = 0; i < n; i++) {
        reader->subscriptions[i].base = &config->subscriptions[i];
        set_defaults(reader, &reader->subscriptions[i], /* of_subscription= */ true);
    }
}

/* What a text looks like, for "… must be a number: this is a string". */
static const char *looks_like(const struct config_value *value)
{
    int64_t number;

    if (value->is_plain && bytes_to_i64(value->text, &number))
        return "this is a number";
    if (value->is_plain &&
        (bytes_eq(value->text, BYTES("true")) || bytes_eq(value->text, BYTES("false"))))
        return "this is true or false";
    return "this is a string";
}

static const char *label_of(struct config_reader *reader,
                            const struct config_value *value)
{
    const char *const *choices = value->key->rule->choices;
    const char *nearest = NULL;
    size_t n_choices = 0;

    while (choices != NULL && choices[n_choices] != NULL)
        n_choices++;
    if (n_choices > 0)
        nearest = suggest_nearest(value->text, choices, n_choices);
    return nearest != NULL
               ? arena_printf(&reader->config->arena, "did you mean `%s`?", nearest)
               : looks_like(value);
}

static struct err *read_text(struct config_reader *reader,
                             const struct config_value *value,
                             const struct config_target *target, struct bytes text,
                             const char **ret_label)
{
    const struct config_key *key = value->key;
    const struct config_reading reading = {
        .arena = &reader->config->arena,
        .folder = value->in_file ? reader->folder : bytes_of(NULL, 0),
    };
    const char *why = NULL;

    if (config_rule_read(key->rule, text, &reading, target->base, &why))
        return NULL;
    *ret_label = why != NULL ? why : label_of(reader, value);
    if (key->is_secret)
        return config_problem(reader->problems, "PA1007", "`%s` cannot be right: %s",
                              value->name, *ret_label);
    return config_problem(reader->problems, "PA1007", "`%s` must be %s", value->name,
                          key->kind);
}

/* One final newline: what an editor or `echo` adds. */
static struct bytes without_newline(struct bytes text)
{
    if (bytes_ends(text, BYTES("\n")))
        text.len--;
    if (bytes_ends(text, BYTES("\r")))
        text.len--;
    return text;
}

static struct err *read_secret_file(struct config_reader *reader,
                                    const struct config_value *value,
                                    const struct config_target *target,
                                    const char **ret_label)
{
    struct bytes folder = value->in_file && !bytes_starts(value->text, BYTES("/"))
                              ? reader->folder
                              : bytes_of(NULL, 0);
    const char *path = arena_printf(&reader->config->arena, "%.*s%.*s", BYTES_FMT(folder),
                                    BYTES_FMT(value->text));
    struct err failure = {0};
    struct err *problem = NULL;
    struct buf content;

    *ret_label = "this file";
    if (reader->sources->read_file == NULL)
        return config_problem(reader->problems, "PA1009", "`%s` cannot be read here",
                              value->name);
    buf_init(&content, SECRET_FILE_MAX);
    if (reader->sources->read_file(path, &content, &failure) != 0)
        problem = config_problem(reader->problems, "PA1009", "`%s`: %s", value->name,
                                 failure.text);
    else
        problem = read_text(reader, value, target, without_newline(buf_bytes(&content)),
                            ret_label);
    if (content.ptr != NULL)
        secret_wipe(content.ptr, content.len);
    buf_done(&content);
    return problem;
}

struct err *config_read_value(struct config_reader *reader,
                              const struct config_value *value,
                              const struct config_target *target, const char **ret_label)
{
    size_t index = (size_t)(value->key - reader->keys);

    *ret_label = NULL;
    /* Also of a wrong one: it is not missing. */
    target->origins[index] = value->origin;
    target->places[index] = value->place;
    return value->is_file ? read_secret_file(reader, value, target, ret_label)
                          : read_text(reader, value, target, value->text, ret_label);
}

static void suggest_key(struct config_reader *reader, struct bytes name, struct err *err)
{
    const char *nearest = NULL;
    size_t shortest = SIZE_MAX;

    for (size_t i = 0; i < reader->n_keys; i++) {
        const char *known = reader->keys[i].name;
        size_t distance = suggest_distance(name, bytes_str(known));

        if (!is_of_subscription(&reader->keys[i]) && distance < shortest) {
            nearest = known;
            shortest = distance;
        }
    }
    err_help(err, "did you mean `%s`?", nearest);
}

static void read_flag(struct config_reader *reader, struct bytes flag)
{
    struct bytes text = flag;
    struct bytes name = bytes_take_until(&text, '=');
    const struct config_key *key = config_read_key(reader, name);
    const char *label;

    if (key == NULL || key->rule->type == CONFIG_JSON || key->rule->type == CONFIG_LIST ||
        is_of_subscription(key)) {
        suggest_key(reader, name,
                    config_problem(reader->problems, "PA1003", "unknown key `%.*s`",
                                   BYTES_FMT(name)));
        return;
    }
    (void)config_read_value(reader,
                            &(struct config_value){.key = key,
                                                   .name = key->name,
                                                   .text = text,
                                                   .origin = "flag",
                                                   .is_plain = true},
                            &reader->top, &label);
}

static struct bytes folder_of(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    return bytes_of(path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
}

void config_read(struct config_reader *reader)
{
    const struct config_sources *sources = reader->sources;

    reader->keys = config_keys(&reader->n_keys);
    reader->folder = folder_of(sources->file_path);
    reader->file = (struct config_source){
        .name = sources->file_path != NULL ? sources->file_path : "partnerapp.yaml",
        .text = sources->file,
    };
    reader->top.base = reader->config;
    set_defaults(reader, &reader->top, /* of_subscription= */ false);
    if (sources->file_path != NULL)
        config_read_file(reader);
    config_read_environment(reader);
    for (size_t i = 0; sources->flags != NULL && sources->flags[i] != NULL; i++)
        read_flag(reader, bytes_str(sources->flags[i]));
}
