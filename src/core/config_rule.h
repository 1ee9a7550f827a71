/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_rule - how one key's text becomes a value, and how a value is shown.
 *
 * Internal to the configuration: the table (config_keys.c) has a rule for every key, the
 * reader applies it, config_show prints by it.
 */

#include "core/config.h"

struct write;

enum config_type {
    CONFIG_TEXT = 0, /* const char *, not empty */
    CONFIG_NAME,     /* [a-z0-9][a-z0-9_-]{0,62} */
    CONFIG_ROUTE,    /* "/webhook": begins with '/', unreserved */
    CONFIG_PATH,     /* const char *, relative to the file */
    CONFIG_STORE,    /* "sqlite:PATH" (relative to the file) or "postgresql://…" */
    CONFIG_URL,      /* http:// or https:// */
    CONFIG_METHOD,   /* POST, PUT … */
    CONFIG_ADDRESS,  /* struct config_address; a port alone keeps the host */
    CONFIG_PORT,     /* the port of a struct config_address */
    CONFIG_DURATION, /* int64_t, milliseconds */
    CONFIG_SIZE,     /* int64_t, bytes */
    CONFIG_NUMBER,   /* int64_t */
    CONFIG_COUNT,    /* int */
    CONFIG_RATE,     /* double, per second */
    CONFIG_SWITCH,   /* bool: on, off, true, false, yes, no */
    CONFIG_CHOICE,   /* an enum: the index in `choices` */
    CONFIG_SECRET,   /* struct secret */
    CONFIG_JSON,     /* const char *: a mapping, as a JSON object's text */
    CONFIG_LIST,     /* const char ** and its count: a sequence of texts */
};

struct config_rule {
    enum config_type type;
    size_t offset; /* in struct config, or in struct config_subscription */
    int64_t least; /* of DURATION, SIZE, NUMBER, COUNT */
    int64_t most;
    const char *const
        *choices;        /* of CHOICE and TEXT: the allowed words, NULL-terminated */
    bool has_auto;       /* "auto" is 0 */
    bool is_computed;    /* default_text is for people: what holds is decided later */
    size_t count_offset; /* of LIST: its size_t */
};

/* What a text is read with. */
struct config_reading {
    struct arena *arena;
    struct bytes folder; /* for relative paths, with its final slash; empty: none */
};

/*
 * Reads @text into the member that @rule names of @base. False when it does not fit the
 * rule; *ret_why (static, may stay NULL) then says what the text is: "this is too large".
 * Not for JSON and LIST, which are no texts.
 */
must_check
bool config_rule_read(const struct config_rule *rule, struct bytes text,
                      const struct config_reading *reading, void *base,
                      const char **ret_why);
/* The member's value as JSON: numbers and switches as such, what people write with a unit
 * as that text, secrets masked, unset as null. */
void config_rule_show(const struct config_rule *rule, const void *base,
                      struct write *write);
