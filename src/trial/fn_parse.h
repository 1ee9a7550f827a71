/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_parse - what code says without being run: where its syntax is broken, what its top
 * level declares, which names and modules it takes from outside.
 *
 * The questions are asked by runtime/npm/parse.js, a program of ours in a runner of its
 * own; the code is only text to it. The verdict on syntax is the engine's, the place of
 * an error the parser's (the engine tells no column, and sometimes a line that is not
 * its).
 */

#include "base/arena.h"
#include "base/bytes.h"

struct err;
struct pool_options;

/* A name in the code; line and column from 1, both in characters. */
struct fn_parse_name {
    struct bytes name;
    int line, column, width;
    bool is_exported; /* of own ones: exports.NAME = … */
    bool is_hidden;   /* of own ones: const or let, which handlers must not be */
};

struct fn_parse_names {
    struct fn_parse_name *list;
    size_t n;
};

struct fn_parse {
    struct arena arena;          /* of all texts */
    const char *refusal;         /* the engine's words on the syntax; NULL: it takes it */
    const char *problem;         /* the parser's; NULL: it sees none */
    const char *problem_help;    /* what to do about it; NULL: nothing to say */
    int line, column;            /* of the parser's problem */
    bool has_tree;               /* the lists below are known */
    struct fn_parse_names own;   /* declared or assigned at the top level */
    struct fn_parse_names names; /* used, and defined nowhere in the code */
    struct fn_parse_names modules; /* given to require() */
};

/* -1: there is no sandbox to look in. End with fn_parse_done, also after -1. */
must_check
int fn_parse(struct fn_parse *parse, const struct pool_options *runners,
             struct bytes source, struct err *err);
void fn_parse_done(struct fn_parse *parse);
