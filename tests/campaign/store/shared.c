/* SPDX-License-Identifier: MIT */

#include "shared.h"

#include <sqlite3.h>

#include "base/mem.h"

void shared_join(struct shared *shared)
{
    shared->n_users++;
}

static void unlock(struct shared *shared, struct shared_holder *holder, unsigned bits)
{
    for (unsigned i = 0; i < SHARED_LOCKS; i++) {
        if ((bits & holder->shared & (1u << i)) != 0)
            shared->n_shared[i]--;
        if ((bits & holder->exclusive & (1u << i)) != 0)
            shared->is_exclusive[i] = false;
    }
    holder->shared = (uint8_t)(holder->shared & ~bits);
    holder->exclusive = (uint8_t)(holder->exclusive & ~bits);
}

void shared_leave(struct shared *shared, struct shared_holder *holder)
{
    unlock(shared, holder, (1u << SHARED_LOCKS) - 1);
    if (--shared->n_users == 0)
        shared_done(shared);
}

bool shared_has(const struct shared *shared, int index)
{
    return index < SHARED_REGIONS && shared->regions[index] != NULL;
}

void *shared_region(struct shared *shared, int index, int region_bytes, bool extends)
{
    if (index >= SHARED_REGIONS)
        return NULL;
    if (shared->regions[index] == NULL && extends)
        shared->regions[index] = mem_zero((size_t)region_bytes);
    return shared->regions[index];
}

/* Is bit @i of the holder's own free for it? */
static bool may_have(const struct shared *shared, const struct shared_holder *holder,
                     int i, bool is_exclusive)
{
    int n_others = shared->n_shared[i] - ((holder->shared >> i) & 1);

    if (shared->is_exclusive[i] && ((holder->exclusive >> i) & 1) == 0)
        return false;
    return !is_exclusive || n_others == 0;
}

int shared_lock(struct shared *shared, struct shared_holder *holder, int first, int n,
                int flags)
{
    bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    unsigned bits = ((1u << n) - 1) << first;

    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        unlock(shared, holder, bits);
        return SQLITE_OK;
    }
    for (int i = first; i < first + n; i++) {
        if (!may_have(shared, holder, i, is_exclusive))
            return SQLITE_BUSY;
    }
    for (int i = first; i < first + n; i++) {
        if (is_exclusive)
            shared->is_exclusive[i] = true;
        else
            shared->n_shared[i] += ((holder->shared >> i) & 1) == 0;
    }
    if (is_exclusive)
        holder->exclusive = (uint8_t)(holder->exclusive | bits);
    else
        holder->shared = (uint8_t)(holder->shared | bits);
    return SQLITE_OK;
}

void shared_done(struct shared *shared)
{
    for (int i = 0; i < SHARED_REGIONS; i++)
        free(shared->regions[i]);
    *shared = (struct shared){0};
}
