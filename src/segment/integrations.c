/* SPDX-License-Identifier: MIT */

#include "segment/integrations.h"

#include "json/number.h"
#include "json/scan.h"
#include "json/walk.h"

/* The members that decide, as found; of a key that comes twice the last. */
struct choice {
    struct bytes display_name;
    struct scan_span own;
    struct scan_span all;
    bool has_all; /* spelled "All", which wins over "all" */
};

static void keep_member(void *arg, const struct scan_member *member)
{
    struct choice *choice = arg;
    bool is_all = walk_means(member->key, BYTES("All"));

    if (walk_means(member->key, choice->display_name))
        choice->own = member->value;
    if (is_all || (!choice->has_all && walk_means(member->key, BYTES("all"))))
        choice->all = member->value;
    choice->has_all |= is_all;
}

static bool is_yes(const struct scan_span *value)
{
    switch (value->kind) {
    case SCAN_TRUE:
    case SCAN_OBJECT:
        return true;
    case SCAN_STRING:
        return scan_inside(value).len > 0;
    case SCAN_NUMBER:
        return number_parse(value->text) != 0;
    case SCAN_NONE:
    case SCAN_NULL:
    case SCAN_FALSE:
    case SCAN_ARRAY:
        break;
    }
    return false;
}

bool integrations_allow(struct bytes event, struct bytes display_name)
{
    struct choice choice = {.display_name = display_name};
    struct scan_visitor visitor = {.member = keep_member, .arg = &choice};
    struct scan_span found;
    struct scan_span root;
    struct scan_fault fault;

    if (!scan_find(event, BYTES("integrations"), &found) || found.kind != SCAN_OBJECT ||
        !scan_json(found.text, &visitor, &root, &fault))
        return true;
    if (choice.own.kind != SCAN_NONE)
        return is_yes(&choice.own);
    return choice.all.kind == SCAN_NONE || is_yes(&choice.all);
}
