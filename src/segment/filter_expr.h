/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * filter_expr - the inside of a parsed condition, shared by the file that reads it
 * (filter_parse) and the one that works it out (filter). Nobody else includes this.
 */

#include "segment/filter.h"

enum filter_op {
    FILTER_OP_NULL = 0,
    FILTER_OP_FALSE,
    FILTER_OP_TRUE,
    FILTER_OP_NUMBER,
    FILTER_OP_TEXT,
    FILTER_OP_PATH,
    FILTER_OP_OR,
    FILTER_OP_AND,
    FILTER_OP_NOT,
    FILTER_OP_EQUAL,
    FILTER_OP_UNEQUAL,
    FILTER_OP_LESS,
    FILTER_OP_AT_MOST,
    FILTER_OP_MORE,
    FILTER_OP_AT_LEAST,
    FILTER_OP_CONTAINS,
    FILTER_OP_MATCH,
    FILTER_OP_LENGTH,
    FILTER_OP_LOWERCASE,
    FILTER_OP_TYPEOF,
};

struct filter_expr {
    enum filter_op op;
    struct bytes text; /* of a text its meaning, of a path as written */
    double number;
    struct filter_expr *first; /* what it is made of, in order */
    struct filter_expr *next;
};
