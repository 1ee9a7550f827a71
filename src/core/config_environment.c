/* SPDX-License-Identifier: MIT */

/* The environment's and .env's names: those of the table, PORT, and NAME_FILE. */

#include "core/config_read.h"

#include "core/suggest.h"

/* Which of the two, for origins and places. */
struct surroundings {
    struct config_reader *reader;
    const struct config_source *dotenv; /* NULL: the real environment */
};

/* One NAME=value. */
struct variable {
    struct bytes name;
    struct bytes value;
    struct yaml_place place; /* in .env */
};

struct known {
    const struct config_key *key;
    bool is_file; /* NAME_FILE of a secret */
};

static const struct config_rule port_rule = {
    .type = CONFIG_PORT,
    .offset = offsetof(struct config, server.public_address),
};

/* Ours, but of the command line and of children: no configuration. */
static const char *const not_configuration[] = {
    "PARTNERAPP_CLOCK_URL",    "PARTNERAPP_EMULATOR_URL", "PARTNERAPP_TOKEN",
    "PARTNERAPP_WEB_DIR",      "PARTNERAPP_RUNNER",       "PARTNERAPP_CONFIG",
    "PARTNERAPP_DATA",         "PARTNERAPP_SERVER",       "PARTNERAPP_SETTINGS",
    "PARTNERAPP_EGRESS_ALLOW",
};

static void place_at(const struct surroundings *from, const struct variable *variable,
                     struct err *problem)
{
    /* Without the line's text: it may hold a secret. */
    if (problem != NULL && from->dotenv != NULL)
        err_place(problem, "--> %s:%d:%d", from->dotenv->name, variable->place.line,
                  variable->place.column);
    else if (problem != NULL)
        err_place(problem, "--> environment variable %.*s", BYTES_FMT(variable->name));
}

static const char *origin_of(const struct surroundings *from,
                             const struct variable *variable)
{
    struct arena *arena = &from->reader->config->arena;

    return from->dotenv != NULL
               ? arena_printf(arena, "%s:%d", from->dotenv->name, variable->place.line)
               : arena_printf(arena, "environment %.*s", BYTES_FMT(variable->name));
}

static void read_into(const struct surroundings *from, const struct variable *variable,
                      const struct known *known)
{
    struct config_reader *reader = from->reader;
    const char *label;
    const struct config_value value = {
        .key = known->key,
        .name = arena_copy(&reader->config->arena, variable->name),
        .text = variable->value,
        .origin = origin_of(from, variable),
        .is_file = known->is_file,
        .is_plain = true,
    };

    place_at(from, variable, config_read_value(reader, &value, &reader->top, &label));
}

static void read_port(const struct surroundings *from, const struct variable *variable)
{
    const struct config_key *key = config_read_key(from->reader, BYTES("server.public"));
    const char *why = NULL;

    if (config_rule_read(&port_rule, variable->value, NULL, from->reader->config, &why))
        from->reader->top.origins[key - from->reader->keys] = origin_of(from, variable);
    else
        place_at(from, variable,
                 config_problem(from->reader->problems, "PA1007",
                                "`PORT` must be a number from 0 to 65535"));
}

static void unknown(const struct surroundings *from, const struct variable *variable)
{
    struct config_reader *reader = from->reader;
    const char **names =
        arena_zero(&reader->config->arena, reader->n_keys * sizeof(*names));
    const char *nearest;
    struct err *problem;

    for (size_t i = 0; i < reader->n_keys; i++)
        names[i] = reader->keys[i].environment;
    problem =
        config_problem(reader->problems, "PA1003", "unknown environment variable `%.*s`",
                       BYTES_FMT(variable->name));
    place_at(from, variable, problem);
    nearest = suggest_nearest(variable->name, names, reader->n_keys);
    if (nearest != NULL)
        err_help(problem, "did you mean `%s`?", nearest);
    else
        err_help(problem, "partnerapp config reference lists the names");
}

static const struct config_key *find_key(const struct config_reader *reader,
                                         struct bytes name)
{
    for (size_t i = 0; i < reader->n_keys; i++) {
        if (reader->keys[i].environment != NULL &&
            bytes_eq(name, bytes_str(reader->keys[i].environment)))
            return &reader->keys[i];
    }
    return NULL;
}

/* What a variable's name stands for; key NULL: nothing that we know. */
static struct known key_of(const struct config_reader *reader, struct bytes name)
{
    const struct bytes suffix = BYTES("_FILE");
    struct known known = {.key = find_key(reader, name)};

    if (known.key == NULL && bytes_ends(name, suffix)) {
        known.key = find_key(reader, bytes_slice(name, 0, name.len - suffix.len));
        known.is_file = true;
        if (known.key != NULL && !known.key->is_secret)
            known.key = NULL;
    }
    return known;
}

/* The master key is read where it is used, and wiped: a file would keep it in clear. */
static bool is_master_key(struct bytes name)
{
    return bytes_eq(name, BYTES("PARTNERAPP_MASTER_KEY"));
}

static bool is_ignored(const struct surroundings *from, struct bytes name)
{
    if (is_master_key(name))
        return from->dotenv == NULL;
    for (size_t i = 0; i < COUNT(not_configuration); i++) {
        if (bytes_eq(name, bytes_str(not_configuration[i])))
            return true;
    }
    return !bytes_starts(name, BYTES("PARTNERAPP_"));
}

/* Between quotes, or up to a comment. */
static struct bytes value_of(struct bytes text)
{
    size_t end = 0;

    text = bytes_trim(text);
    if (text.len > 0 && (text.ptr[0] == '"' || text.ptr[0] == '\'')) {
        struct bytes inside = bytes_slice(text, 1, text.len);

        end = bytes_index(inside, text.ptr[0]);
        return end < inside.len ? bytes_slice(inside, 0, end) : text;
    }
    while (end < text.len && !(text.ptr[end] == '#' && end > 0 &&
                               (text.ptr[end - 1] == ' ' || text.ptr[end - 1] == '\t')))
        end++;
    return bytes_trim(bytes_slice(text, 0, end));
}

/* "NAME=value", "export NAME='value' # why"; false on comments and other lines, which
 * are another program's business. */
static bool parse_line(struct bytes line, struct variable *ret_variable)
{
    struct bytes rest = bytes_trim(line);

    if (rest.len == 0 || rest.ptr[0] == '#' || bytes_index(rest, '=') == rest.len)
        return false;
    if (bytes_starts(rest, BYTES("export ")))
        rest = bytes_trim(bytes_slice(rest, 7, rest.len));
    ret_variable->name = bytes_trim(bytes_take_until(&rest, '='));
    ret_variable->value = value_of(rest);
    ret_variable->place.column = (int)(ret_variable->name.ptr - line.ptr) + 1;
    return true;
}

/* What is looked for in one walk through the variables. A later step wins. */
enum step {
    STEP_PORT = 0, /* PORT; PARTNERAPP_SERVER_PUBLIC says more */
    STEP_FILES,    /* NAME_FILE; NAME itself wins */
    STEP_NAMES,
    N_STEPS,
};

static void read_step(const struct surroundings *from, const struct variable *variable,
                      enum step step)
{
    struct known known = key_of(from->reader, variable->name);

    /* Empty is unset: compose files pass what the host does not have as that. */
    if (step == STEP_PORT) {
        if (bytes_eq(variable->name, BYTES("PORT")) && variable->value.len > 0)
            read_port(from, variable);
        return;
    }
    if (known.key != NULL && known.is_file == (step == STEP_FILES)) {
        if (variable->value.len > 0)
            read_into(from, variable, &known);
        return;
    }
    if (known.key == NULL && step == STEP_NAMES && !is_ignored(from, variable->name))
        unknown(from, variable);
}

static void read_dotenv(struct config_reader *reader, enum step step)
{
    const struct config_source source = {".env", reader->sources->dotenv};
    const struct surroundings from = {reader, &source};
    struct bytes left = reader->sources->dotenv;

    for (int line = 1; left.len > 0; line++) {
        struct variable variable = {.place = {.line = line}};

        if (parse_line(bytes_take_until(&left, '\n'), &variable))
            read_step(&from, &variable, step);
    }
}

static void read_real(struct config_reader *reader, enum step step)
{
    const char *const *environment = reader->sources->environment;
    const struct surroundings from = {reader, NULL};

    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        struct bytes rest = bytes_str(environment[i]);
        struct variable variable = {.name = bytes_take_until(&rest, '=')};

        variable.value = rest;
        read_step(&from, &variable, step);
    }
}

void config_read_environment(struct config_reader *reader)
{
    for (enum step step = STEP_PORT; step < N_STEPS; step++)
        read_dotenv(reader, step);
    for (enum step step = STEP_PORT; step < N_STEPS; step++)
        read_real(reader, step);
}
