/* SPDX-License-Identifier: MIT */

#include "core/row_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CAPACITY_MIN = 64 };

void row_set_done(struct row_set *set)
{
    free(set->words);
    *set = (struct row_set){0};
}

/* Room for one more at the end: where the front is gone, or in a larger array. */
static void make_room(struct row_set *set)
{
    size_t n_words = set->end - set->first;

    if (set->end < set->capacity)
        return;
    if (set->first > 0 && set->first >= set->capacity / 2) {
        memmove(set->words, set->words + set->first, n_words * sizeof(*set->words));
        set->first = 0;
        set->end = n_words;
        return;
    }
    set->capacity = set->capacity > 0 ? set->capacity * 2 : (size_t)CAPACITY_MIN;
    set->words = mem_grow(set->words, set->capacity, sizeof(*set->words));
}

/* The first word that is not below @number. */
static size_t index_of(const struct row_set *set, int64_t number)
{
    size_t low = set->first, high = set->end;

    if (low == high || set->words[high - 1].number < number)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (set->words[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct row_set_word *word_of(struct row_set *set, int64_t number)
{
    size_t at = index_of(set, number);

    if (at < set->end && set->words[at].number == number)
        return &set->words[at];
    at -= set->first;
    make_room(set);
    at += set->first;
    memmove(&set->words[at + 1], &set->words[at], (set->end - at) * sizeof(*set->words));
    set->words[at] = (struct row_set_word){.number = number};
    set->end++;
    return &set->words[at];
}

void row_set_add(struct row_set *set, int64_t row)
{
    struct row_set_word *word = word_of(set, row / 64);
    uint64_t bit = UINT64_C(1) << (row % 64);

    set->n_rows += (word->bits & bit) == 0;
    word->bits |= bit;
}

int64_t row_set_take(struct row_set *set)
{
    struct row_set_word *word = &set->words[set->first];
    int64_t row = word->number * 64 + __builtin_ctzll(word->bits);

    word->bits &= word->bits - 1;
    set->n_rows--;
    if (word->bits == 0)
        set->first++;
    if (set->n_rows == 0)
        row_set_done(set);
    return row;
}
