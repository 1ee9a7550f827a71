/* SPDX-License-Identifier: MIT */

#include "core/turns.h"

static struct turns_member *member_of(struct list_link *link)
{
    return list_entry(link, struct turns_member, link);
}

static void to_the_end(struct turns *turns, struct turns_member *member)
{
    list_remove(&turns->line, &member->link);
    list_push(&turns->line, &member->link);
}

void turns_join(struct turns *turns, struct turns_member *member)
{
    if (member->in_line)
        return;
    member->in_line = true;
    list_push(&turns->line, &member->link);
}

void turns_leave(struct turns *turns, struct turns_member *member)
{
    if (!member->in_line)
        return;
    list_remove(&turns->line, &member->link);
    member->in_line = false;
    /* A debt stays, or leaving and joining again would be the way to get more. */
    if (member->credit > 0)
        member->credit = 0;
}

struct turns_member *turns_next(struct turns *turns)
{
    while (!list_is_empty(&turns->line)) {
        struct turns_member *member = member_of(turns->line.first);

        if (member->credit > 0)
            return member;
        member->credit += TURNS_QUANTUM;
        if (member->credit > 0)
            return member;
        to_the_end(turns, member);
    }
    return NULL;
}

void turns_spend(struct turns *turns, struct turns_member *member, int64_t cost)
{
    /* Nothing is free, or a turn would have no end. */
    member->credit -= cost > 0 ? cost : 1;
    if (member->credit <= 0 && member->in_line)
        to_the_end(turns, member);
}

void turns_pass(struct turns *turns, struct turns_member *member)
{
    if (member->in_line)
        to_the_end(turns, member);
}
