/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * node - the inside of json/json, shared by the file that reads documents and the one
 * that changes them. Nobody else includes this.
 */

#include "base/arena.h"
#include "json/json.h"

struct document;

struct json {
    struct document *document;
    enum json_kind kind;
    bool is_true;
    struct bytes key;   /* of a member; NUL-terminated as well */
    struct bytes text;  /* of a string its meaning, of a number what was sent */
    struct json *next;  /* the parent's next part */
    struct json *first; /* own parts */
    struct json *last;
    size_t n_parts;
    size_t place; /* among the parent's parts, as read */
};

struct document {
    struct arena arena;
    struct json root;
};

/* A new part at the end of an array or object; of no kind yet. */
struct json *node_add_part(struct json *parent);
/* Gives @to what @from is; its key and its place stay. */
void node_become(struct json *to, const struct json *from);
/* The member of this name, or NULL. */
struct json *node_find(const struct json *object, struct bytes name);
/* Text that lives as long as the document. */
struct bytes node_keep(struct document *document, struct bytes text);
