/* SPDX-License-Identifier: MIT */

#include "store/marks.h"

#include <assert.h>
#include <malloc.h>

#include "base/mem.h"

/* What a slice that fills needs is kept: it will be needed again. */
enum { FIRST_CAPACITY = 1024, KEPT_CAPACITY = 32768, KEPT_UNDO = 4096 };

static size_t home_of(const struct marks *marks, const struct dedupe_mark *mark)
{
    uint64_t hash;

    memcpy(&hash, mark->bytes, sizeof(hash));
    return (size_t)hash & (marks->capacity - 1);
}

/* The place of the mark, or the free one where it belongs. */
static size_t place_of(const struct marks *marks, const struct dedupe_mark *mark)
{
    size_t at = home_of(marks, mark);

    while (marks->entries[at].row != 0 &&
           memcmp(marks->entries[at].mark.bytes, mark->bytes, DEDUPE_MARK_LEN) != 0)
        at = (at + 1) & (marks->capacity - 1);
    return at;
}

const struct marks_entry *marks_find(const struct marks *marks,
                                     const struct dedupe_mark *mark)
{
    size_t at;

    if (marks->n_entries == 0)
        return NULL;
    at = place_of(marks, mark);
    return marks->entries[at].row != 0 ? &marks->entries[at] : NULL;
}

static void resize(struct marks *marks, size_t capacity)
{
    struct marks_entry *old = marks->entries;
    size_t old_capacity = marks->capacity;

    marks->capacity = capacity;
    marks->entries = mem_zero(capacity * sizeof(*old));
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].row != 0)
            marks->entries[place_of(marks, &old[i].mark)] = old[i];
    }
    free(old);
}

static void put_at(struct marks *marks, size_t at, const struct marks_entry *entry)
{
    if (marks->entries[at].row == 0)
        marks->n_entries++;
    marks->entries[at] = *entry;
}

void marks_put(struct marks *marks, const struct marks_entry *entry)
{
    size_t at;

    assert(entry->row > 0);
    if (2 * (marks->n_entries + 1) > marks->capacity)
        resize(marks, marks->capacity > 0 ? 2 * marks->capacity : FIRST_CAPACITY);
    if (marks->n_undo == marks->undo_capacity) {
        marks->undo_capacity = marks->undo_capacity > 0 ? 2 * marks->undo_capacity : 64;
        marks->undo = mem_grow(marks->undo, marks->undo_capacity, sizeof(*marks->undo));
    }
    at = place_of(marks, &entry->mark);
    marks->undo[marks->n_undo] = marks->entries[at]; /* or a free place */
    marks->undo[marks->n_undo++].mark = entry->mark;
    put_at(marks, at, entry);
}

/* Moves later entries of the same run back, so that searches need no tombstones. */
static void vacate(struct marks *marks, size_t hole)
{
    size_t mask = marks->capacity - 1;

    for (size_t at = (hole + 1) & mask; marks->entries[at].row != 0;
         at = (at + 1) & mask) {
        size_t home = home_of(marks, &marks->entries[at].mark);

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            marks->entries[hole] = marks->entries[at];
            hole = at;
        }
    }
    marks->entries[hole] = (struct marks_entry){0};
    marks->n_entries--;
}

struct marks_entry *marks_list(const struct marks *marks, int64_t up_to, size_t *ret_n)
{
    struct marks_entry *list =
        mem_grow(NULL, marks->n_entries + 1, sizeof(*marks->entries));
    size_t n = 0;

    for (size_t i = 0; i < marks->capacity; i++) {
        if (marks->entries[i].row != 0 && marks->entries[i].row <= up_to)
            list[n++] = marks->entries[i];
    }
    *ret_n = n;
    return list;
}

void marks_forget(struct marks *marks, int64_t up_to)
{
    struct marks_entry *old = marks->entries;
    const size_t old_capacity = marks->capacity;

    assert(marks->n_undo == 0);
    marks->n_entries = 0;
    for (size_t i = 0; i < old_capacity; i++)
        marks->n_entries += old[i].row > up_to;
    marks->capacity = FIRST_CAPACITY;
    while (marks->capacity < KEPT_CAPACITY && marks->capacity < old_capacity)
        marks->capacity *= 2;
    while (marks->capacity < 2 * (marks->n_entries + 1))
        marks->capacity *= 2;
    marks->entries = mem_zero(marks->capacity * sizeof(*old));
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].row > up_to)
            marks->entries[place_of(marks, &old[i].mark)] = old[i];
    }
    free(old);
    /* A backlog was worked off. Without being asked, malloc keeps what it took. */
    if (old_capacity > KEPT_CAPACITY && marks->capacity <= KEPT_CAPACITY)
        malloc_trim(0);
}

void marks_commit(struct marks *marks)
{
    marks->n_undo = 0;
    if (marks->undo_capacity <= KEPT_UNDO)
        return;
    free(marks->undo);
    marks->undo = NULL;
    marks->undo_capacity = 0;
}

void marks_rollback(struct marks *marks)
{
    while (marks->n_undo > 0) {
        const struct marks_entry *before = &marks->undo[--marks->n_undo];

        if (before->row != 0)
            put_at(marks, place_of(marks, &before->mark), before);
        else
            vacate(marks, place_of(marks, &before->mark));
    }
    marks_commit(marks);
}

void marks_done(struct marks *marks)
{
    free(marks->entries);
    free(marks->undo);
    *marks = (struct marks){0};
}
