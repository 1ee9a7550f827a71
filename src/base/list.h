/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * list - an intrusive doubly linked list; the link sits in the object.
 *
 * "The state is the list it is on": moving an object between lists is its change of
 * state. A zeroed link is on no list; only a link that is on one may
 * be removed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct list_link {
    struct list_link *prev;
    struct list_link *next;
};

struct list {
    struct list_link *first;
    struct list_link *last;
    size_t n_links;
};

void list_push(struct list *list, struct list_link *link);       /* at the end */
void list_push_front(struct list *list, struct list_link *link); /* at the start */
/* @link must be on @list. */
void list_remove(struct list *list, struct list_link *link);
/* Removes and returns the first link, or NULL. */
struct list_link *list_pop(struct list *list);
/* Puts everything that is on @from at the end of @list; @from is then empty. */
void list_append_all(struct list *list, struct list *from);

static inline bool list_is_empty(const struct list *list)
{
    return list->first == NULL;
}

#define list_entry(link, type, member) container_of(link, type, member)
