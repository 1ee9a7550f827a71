/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * command - the one table of what can be typed (ux §2.8).
 *
 * Parsing, help, completion, suggestions and `help --json` all read it; nothing about a
 * command is written twice. Commands that come later are rows as well: running one says
 * so, and `help` lists it with the others, so nobody looks for it in vain.
 */

#include "base/bytes.h"

struct call;
struct err;

enum flag_kind {
    FLAG_SWITCH = 0, /* takes no value */
    FLAG_TEXT,
    FLAG_PATH,
    FLAG_NUMBER,   /* 0 or more, decimal */
    FLAG_DURATION, /* "500ms", "30s" */
    FLAG_RATE,     /* "50/s" */
    FLAG_CHOICE,   /* one of `choices` */
};

struct flag {
    const char *name; /* without the dashes; NULL ends a list */
    char letter;      /* 'h', or 0 */
    enum flag_kind kind;
    bool is_repeatable;
    const char *value;        /* "FILE", as help shows it */
    const char *choices;      /* "auto always never" */
    const char *default_text; /* NULL: none */
    const char *environment;  /* NULL: none */
    const char *summary;
};

enum command_group {
    GROUP_START = 0,
    GROUP_WORK,
    GROUP_LOOK,
    GROUP_FIX,
    GROUP_SETUP,
    GROUP_N,
};

struct command {
    const char *name; /* "dev", "events list" */
    enum command_group group;
    const char *arguments; /* "[QUERY]", or "" */
    size_t min_args, max_args;
    const char *summary;         /* lower case, no full stop */
    const struct flag *flags;    /* ends with a NULL name; NULL: only the global ones */
    const char *const *examples; /* NULL-terminated */
    const char *notes;           /* lines behind the examples; NULL: none */
    /* 0, an exit code above 0 when the work was done and the answer is no, or -1. */
    int (*run)(struct call *call, struct err *err);
    const char *planned; /* not NULL: not built yet, and this is what it will come with */
};

/* The rows: table.c's, then table_enable.c's. */
size_t command_count(void);
const struct command *command_at(size_t index); /* below the count */
const struct flag *command_global_flags(void);
const char *command_group_title(enum command_group group);

/* The command whose name is @first, or "@first @second"; *ret_n_words is how many of the
 * two were used. NULL: none. */
const struct command *command_find(const char *first, const char *second,
                                   size_t *ret_n_words);
/* Whether commands "@word …" exist. */
bool command_is_family(const char *word);
/* The flag of @command (or a global one) with this name or, when @letter is not 0,
 * letter. A NULL command: of any command. */
const struct flag *command_flag(const struct command *command, const char *name,
                                size_t len, char letter);
/* The name that @wrong probably meant: of a command (its first word), or of a verb below
 * @family. Empty when nothing is near. */
struct bytes command_suggest(const char *family, const char *wrong);
/* As above, of a flag of @command. */
struct bytes command_suggest_flag(const struct command *command, const char *wrong);
