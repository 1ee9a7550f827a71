/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * turns - whose turn is it? Deficit round robin between those who have work.
 *
 * A subscription with a million events waiting and one with three get turns in the same
 * measure: each turn grants TURNS_QUANTUM cost units (bytes), unused ones are carried
 * over, and who has nothing more to do drops out and loses its credit.
 */

#include "base/bytes.h"
#include "base/list.h"

enum { TURNS_QUANTUM = 16384 };

struct turns_member { /* embed one in whoever takes turns; zeroed: not in line */
    struct list_link link;
    int64_t credit;
    bool in_line;
};

struct turns {
    struct list line;
};

/* Joins the end of the line; nothing when already in it. */
void turns_join(struct turns *turns, struct turns_member *member);
void turns_leave(struct turns *turns, struct turns_member *member);
/* Whose turn it is, or NULL. It stays first until its credit is used up (turns_spend) or
 * it is passed over (turns_pass). */
struct turns_member *turns_next(struct turns *turns);
/* It did something of @cost; with its credit gone it goes to the end of the line. */
void turns_spend(struct turns *turns, struct turns_member *member, int64_t cost);
/* It cannot act now: to the end of the line, credit kept. */
void turns_pass(struct turns *turns, struct turns_member *member);
