/* SPDX-License-Identifier: MIT */

#include "base/list.h"

void list_push(struct list *list, struct list_link *link)
{
    link->next = NULL;
    link->prev = list->last;
    if (list->last != NULL)
        list->last->next = link;
    else
        list->first = link;
    list->last = link;
    list->n_links++;
}

void list_push_front(struct list *list, struct list_link *link)
{
    link->prev = NULL;
    link->next = list->first;
    if (list->first != NULL)
        list->first->prev = link;
    else
        list->last = link;
    list->first = link;
    list->n_links++;
}

void list_remove(struct list *list, struct list_link *link)
{
    if (link->prev != NULL)
        link->prev->next = link->next;
    else
        list->first = link->next;
    if (link->next != NULL)
        link->next->prev = link->prev;
    else
        list->last = link->prev;
    *link = (struct list_link){0};
    list->n_links--;
}

struct list_link *list_pop(struct list *list)
{
    struct list_link *link = list->first;

    if (link != NULL)
        list_remove(list, link);
    return link;
}

void list_append_all(struct list *list, struct list *from)
{
    if (from->first == NULL)
        return;
    from->first->prev = list->last;
    if (list->last != NULL)
        list->last->next = from->first;
    else
        list->first = from->first;
    list->last = from->last;
    list->n_links += from->n_links;
    *from = (struct list){0};
}
