/* SPDX-License-Identifier: MIT */

/* Walks the tree of partnerapp.yaml along the table of keys. */

#include "core/config_read.h"

#include "core/suggest.h"
#include "json/write.h"

enum { JSON_MAX = YAML_MAX_BYTES * 2, ORIGIN_NAME_MAX = 200 };

/* A mapping of the file on its way into a target. */
struct section {
    struct config_reader *reader;
    const struct config_target *target;
    struct bytes prefix; /* of its keys' names: "", "retry.", "subscriptions[].retry." */
};

static void at(struct section *section, struct err *problem, struct yaml_place place,
               const char *label)
{
    config_problem_at(problem, &section->reader->file, place, label);
}

static const char *what_is(const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_MAPPING:
        return "this is a mapping";
    case YAML_SEQUENCE:
        return "this is a list";
    case YAML_SCALAR:
        return node->is_plain ? "this is a plain value" : "this is a string";
    }
    return "";
}

/* The name without the part that the place tells. */
static const char *shown_name(const char *name)
{
    static const char list[] = "subscriptions[].";

    return strncmp(name, list, sizeof(list) - 1) == 0 ? name + sizeof(list) - 1 : name;
}

static const char *origin_at(struct section *section, const struct yaml_node *node)
{
    const char *path = section->reader->file.name;
    const char *slash = strrchr(path, '/');

    return arena_printf(&section->reader->config->arena, "%.*s:%d", ORIGIN_NAME_MAX,
                        slash != NULL ? slash + 1 : path, node->key_place.line);
}

static void wrong_kind(struct section *section, const struct config_key *key,
                       const struct yaml_node *node)
{
    at(section,
       config_problem(section->reader->problems, "PA1007", "`%s` must be %s",
                      shown_name(key->name), key->kind),
       node->place, what_is(node));
}

/* Is it the first with its key in @mapping? A later one is a problem. */
static bool is_first(struct section *section, const struct yaml_node *node,
                     const struct yaml_node *mapping)
{
    for (const struct yaml_node *other = mapping->first; other != node;
         other = other->next) {
        if (!bytes_eq(other->key, node->key))
            continue;
        at(section,
           config_problem(section->reader->problems, "PA1004",
                          "the key `%.*s` comes twice", BYTES_FMT(node->key)),
           node->key_place,
           arena_printf(&section->reader->config->arena, "the first is in line %d",
                        other->key_place.line));
        return false;
    }
    return true;
}

/* JSON's own grammar for numbers: what has leading zeros or hex digits stays text. */
static bool is_json_number(struct bytes text)
{
    size_t at_digit = bytes_starts(text, BYTES("-")) ? 1 : 0;
    size_t whole = strspn(text.ptr + at_digit, "0123456789");
    size_t rest = at_digit + whole;

    if (whole == 0 || (whole > 1 && text.ptr[at_digit] == '0'))
        return false;
    if (text.ptr[rest] == '.') {
        size_t fraction = strspn(text.ptr + rest + 1, "0123456789");

        if (fraction == 0)
            return false;
        rest += 1 + fraction;
    }
    if (text.ptr[rest] == 'e' || text.ptr[rest] == 'E') {
        size_t sign = text.ptr[rest + 1] == '+' || text.ptr[rest + 1] == '-' ? 1 : 0;
        size_t digits = strspn(text.ptr + rest + 1 + sign, "0123456789");

        if (digits == 0)
            return false;
        rest += 1 + sign + digits;
    }
    return rest == text.len;
}

static void write_scalar(struct write *write, const struct yaml_node *node)
{
    if (yaml_is_null(node))
        write_null(write);
    else if (node->is_plain && bytes_eq(node->text, BYTES("true")))
        write_bool(write, true);
    else if (node->is_plain && bytes_eq(node->text, BYTES("false")))
        write_bool(write, false);
    else if (node->is_plain && is_json_number(node->text))
        write_raw(write, node->text);
    else
        write_string(write, node->text);
}

/* A member's name may need escapes, which write_key() does not do. */
static void write_name(struct write *write, struct bytes name)
{
    write_string(write, name);
    (void)buf_add_char(write->out, ':');
    write->need_comma = false;
}

static void write_tree(struct section *section, struct write *write,
                       const struct yaml_node *tree)
{
    if (tree->kind == YAML_SCALAR) {
        write_scalar(write, tree);
        return;
    }
    if (tree->kind == YAML_SEQUENCE) {
        write_array(write);
        for (const struct yaml_node *item = tree->first; item != NULL; item = item->next)
            write_tree(section, write, item);
        write_array_end(write);
        return;
    }
    write_object(write);
    for (const struct yaml_node *item = tree->first; item != NULL; item = item->next) {
        if (!is_first(section, item, tree))
            continue;
        write_name(write, item->key);
        write_tree(section, write, item);
    }
    write_object_end(write);
}

static void read_json(struct section *section, const struct config_key *key,
                      const struct yaml_node *node)
{
    struct config_reader *reader = section->reader;
    struct write write;
    struct buf json;

    if (node->kind != YAML_MAPPING) {
        wrong_kind(section, key, node);
        return;
    }
    buf_init(&json, JSON_MAX);
    write_init(&write, &json);
    write_tree(section, &write, node);
    *(const char **)(void *)((char *)section->target->base + key->rule->offset) =
        arena_copy(&reader->config->arena, buf_bytes(&json));
    section->target->origins[key - reader->keys] = origin_at(section, node);
    buf_done(&json);
}

static void read_list(struct section *section, const struct config_key *key,
                      const struct yaml_node *node)
{
    struct arena *arena = &section->reader->config->arena;
    char *base = section->target->base;
    const char **items;
    size_t n_items = 0;

    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        n_items++;
    items = arena_zero(arena, (n_items + 1) * sizeof(*items));
    n_items = 0;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != YAML_SCALAR || item->text.len == 0) {
            wrong_kind(section, key, item);
            return;
        }
        items[n_items++] = item->text.ptr;
    }
    *(const char ***)(void *)(base + key->rule->offset) = items;
    *(size_t *)(void *)(base + key->rule->count_offset) = n_items;
    section->target->origins[key - section->reader->keys] = origin_at(section, node);
}

static void read_scalar(struct section *section, const struct config_key *key,
                        const struct yaml_node *node, bool is_file)
{
    const char *name = shown_name(key->name);
    const char *label;
    struct err *problem;

    if (node->kind != YAML_SCALAR) {
        wrong_kind(section, key, node);
        return;
    }
    problem = config_read_value(
        section->reader,
        &(struct config_value){
            .key = key,
            .name = is_file
                        ? arena_printf(&section->reader->config->arena, "%s_file", name)
                        : name,
            .text = node->text,
            .origin = origin_at(section, node),
            .place = node->place,
            .is_file = is_file,
            .in_file = true,
            .is_plain = node->is_plain,
        },
        section->target, &label);
    if (problem == NULL)
        return;
    /* Never the line that a secret stands in. */
    if (key->is_secret && !is_file)
        err_place(problem, "--> %.200s:%d:%d", section->reader->file.name,
                  node->place.line, node->place.column);
    else
        at(section, problem, node->place, label);
}

static void read_key(struct section *section, const struct config_key *key,
                     const struct yaml_node *node, bool is_file)
{
    if (yaml_is_null(node))
        return;
    if (key->rule->type == CONFIG_JSON)
        read_json(section, key, node);
    else if (key->rule->type != CONFIG_LIST)
        read_scalar(section, key, node, is_file);
    else if (node->kind == YAML_SEQUENCE)
        read_list(section, key, node);
    else
        wrong_kind(section, key, node);
}

/* The next part of a key's name after @prefix, or empty when it is elsewhere. */
static struct bytes part_after(const char *name, struct bytes prefix)
{
    struct bytes rest = bytes_str(name);
    size_t end = 0;

    if (!bytes_starts(rest, prefix))
        return bytes_of(NULL, 0);
    rest = bytes_slice(rest, prefix.len, rest.len);
    while (end < rest.len && rest.ptr[end] != '.' && rest.ptr[end] != '[')
        end++;
    return bytes_slice(rest, 0, end);
}

static bool is_section(const struct section *section, struct bytes key)
{
    const struct config_reader *reader = section->reader;

    for (size_t i = 0; i < reader->n_keys; i++) {
        if (bytes_eq(part_after(reader->keys[i].name, section->prefix), key))
            return true;
    }
    return false;
}

/* The distinct keys of the section; the table has those of one section together. */
static size_t known_keys(const struct section *section, const char **ret_known)
{
    const struct config_reader *reader = section->reader;
    size_t n_known = 0;

    for (size_t i = 0; i < reader->n_keys; i++) {
        struct bytes part = part_after(reader->keys[i].name, section->prefix);
        bool is_again = n_known > 0 && bytes_eq(part, bytes_str(ret_known[n_known - 1]));

        if (part.len > 0 && !is_again)
            ret_known[n_known++] = arena_copy(&reader->config->arena, part);
    }
    return n_known;
}

/* "subscriptions[].retry." as a person calls it: "subscriptions[].retry". */
static struct bytes section_name(const struct section *section)
{
    struct bytes name = section->prefix;

    if (name.len > 0)
        name.len--;
    if (bytes_ends(name, BYTES("[]")))
        name.len -= 2;
    return name;
}

static void help_known(struct err *problem, const char *const *known, size_t n_known)
{
    struct buf names;

    buf_init(&names, sizeof(problem->help) / 2);
    for (size_t i = 0; i < n_known; i++)
        (void)buf_addf(&names, "%s%s", i > 0 ? ", " : "", known[i]);
    err_help(problem, "known here: %s", buf_text(&names));
    buf_done(&names);
}

static void unknown_key(struct section *section, const struct yaml_node *node)
{
    struct config_reader *reader = section->reader;
    struct arena *arena = &reader->config->arena;
    const char **known = arena_zero(arena, reader->n_keys * sizeof(*known));
    size_t n_known = known_keys(section, known);
    const char *nearest = suggest_nearest(node->key, known, n_known);
    struct bytes within = section_name(section);
    struct err *problem =
        config_problem(reader->problems, "PA1003", "unknown key `%.*s`%s%.*s%s",
                       BYTES_FMT(node->key), within.len > 0 ? " in section `" : "",
                       BYTES_FMT(within), within.len > 0 ? "`" : "");

    if (nearest == NULL)
        help_known(problem, known, n_known);
    at(section, problem, node->key_place,
       nearest != NULL ? arena_printf(arena, "did you mean `%s`?", nearest) : NULL);
}

static void read_mapping(struct section *section, const struct yaml_node *mapping);

static void read_list_of_subscriptions(struct section *section,
                                       const struct yaml_node *node)
{
    struct config_reader *reader = section->reader;
    size_t n = 0;

    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        n++;
    if (node->kind != YAML_SEQUENCE) {
        at(section,
           config_problem(reader->problems, "PA1007",
                          "`subscriptions` must be a list of mappings"),
           node->place, what_is(node));
        reader->is_file_broken = true;
        return;
    }
    config_read_subscriptions(reader, n);
    n = 0;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct config_target *target = &reader->subscriptions[n++];
        struct section inner = {reader, target, BYTES("subscriptions[].")};

        size_t n_before = reader->problems->n_items;

        target->place = item->place;
        if (item->kind == YAML_MAPPING)
            read_mapping(&inner, item);
        else
            at(section,
               config_problem(reader->problems, "PA1007",
                              "a subscription must be a mapping"),
               item->place, what_is(item));
        target->is_faulty = reader->problems->n_items > n_before;
    }
}

static void read_section(struct section *section, const struct yaml_node *node)
{
    struct section inner = *section;

    if (yaml_is_null(node))
        return;
    if (section->prefix.len == 0 && bytes_eq(node->key, BYTES("subscriptions"))) {
        read_list_of_subscriptions(section, node);
        return;
    }
    if (section->prefix.len == 0 && bytes_eq(node->key, BYTES("app")))
        section->reader->app_place = node->key_place;
    if (node->kind != YAML_MAPPING) {
        at(section,
           config_problem(section->reader->problems, "PA1007", "`%.*s` must be a mapping",
                          BYTES_FMT(node->key)),
           node->place, what_is(node));
        return;
    }
    inner.prefix =
        bytes_str(arena_printf(&section->reader->config->arena, "%.*s%.*s.",
                               BYTES_FMT(section->prefix), BYTES_FMT(node->key)));
    read_mapping(&inner, node);
}

/* A name that has the table's own marks would be taken for a key of another section, and
 * land in a place that this section has not. */
static const struct config_key *key_in(const struct section *section, struct bytes name)
{
    const char *full;

    if (bytes_index(name, '.') < name.len || bytes_index(name, '[') < name.len)
        return NULL;
    full = arena_printf(&section->reader->config->arena, "%.*s%.*s",
                        BYTES_FMT(section->prefix), BYTES_FMT(name));
    return config_read_key(section->reader, bytes_str(full));
}

static void read_member(struct section *section, const struct yaml_node *node)
{
    const struct bytes suffix = BYTES("_file");
    const struct config_key *key = key_in(section, node->key);

    if (key != NULL) {
        read_key(section, key, node, /* is_file= */ false);
        return;
    }
    if (bytes_ends(node->key, suffix)) {
        key = key_in(section, bytes_slice(node->key, 0, node->key.len - suffix.len));
        if (key != NULL && key->is_secret) {
            read_key(section, key, node, /* is_file= */ true);
            return;
        }
    }
    if (is_section(section, node->key))
        read_section(section, node);
    else
        unknown_key(section, node);
}

static void read_mapping(struct section *section, const struct yaml_node *mapping)
{
    for (const struct yaml_node *node = mapping->first; node != NULL; node = node->next) {
        if (is_first(section, node, mapping))
            read_member(section, node);
    }
}

void config_read_file(struct config_reader *reader)
{
    struct section section = {.reader = reader, .target = &reader->top};
    struct yaml_node *root = NULL;
    struct yaml_fault fault = {0};

    if (!yaml_parse(reader->file.text, &reader->config->arena, &root, &fault)) {
        at(&section, config_problem(reader->problems, "PA1002", "%s", fault.why),
           fault.place, NULL);
        reader->is_file_broken = true;
        return;
    }
    if (root == NULL || yaml_is_null(root))
        return;
    if (root->kind != YAML_MAPPING) {
        at(&section,
           config_problem(reader->problems, "PA1007",
                          "a configuration must be a mapping"),
           root->place, what_is(root));
        reader->is_file_broken = true;
        return;
    }
    read_mapping(&section, root);
}
