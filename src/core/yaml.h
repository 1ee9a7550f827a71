/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * yaml - the text of a configuration as a tree, every part with its place.
 *
 * The only file that knows libfyaml. What a configuration needs of YAML: one document of
 * mappings, sequences and scalars; anchors, aliases, tags and keys that are not scalars
 * are refused, '''' inside single quotes as well (the library would read another text),
 * at most YAML_DEPTH levels and YAML_MAX_BYTES. Nothing is interpreted: that `off` may
 * mean false, or `null` nothing, is known to who knows the key.
 */

#include "base/arena.h"

enum { YAML_DEPTH = 32, YAML_MAX_BYTES = 1 << 20 };

/* Where something stands; line 0: nowhere. Lines and columns count from 1. */
struct yaml_place {
    int line;
    int column;
    int width; /* columns up to its end on that line, at least 1 */
};

enum yaml_kind { YAML_SCALAR = 0, YAML_MAPPING, YAML_SEQUENCE };

struct yaml_node {
    enum yaml_kind kind;
    struct yaml_place place;
    struct bytes text;       /* of a scalar: NUL-terminated, in the arena */
    bool is_plain;           /* of a scalar: without quotes */
    struct yaml_node *first; /* child: value of a mapping, element of a sequence */
    struct yaml_node *last;
    struct yaml_node *next; /* sibling */
    struct bytes key;       /* in a mapping: NUL-terminated, in the arena */
    struct yaml_place key_place;
};

struct yaml_fault {
    struct yaml_place place;
    char why[256]; /* one sentence, lower case, no full stop */
};

/*
 * The tree, in @arena; NULL in *ret_root when the text holds no value. False with
 * *ret_fault when it is not YAML or uses what is refused. A key that comes twice is kept
 * twice: who reads the tree can name the first.
 */
must_check
bool yaml_parse(struct bytes text, struct arena *arena, struct yaml_node **ret_root,
                struct yaml_fault *ret_fault);

/* A plain scalar that means "nothing here": null, ~ or empty. */
bool yaml_is_null(const struct yaml_node *node);
