/* SPDX-License-Identifier: MIT */

#include "service/watermark.h"

#include <string.h>

#include "base/mem.h"

void watermark_init(struct watermark *mark, int64_t low)
{
    *mark = (struct watermark){.low = low, .low_word = low / 64};
}

void watermark_done(struct watermark *mark)
{
    free(mark->bits);
    *mark = (struct watermark){0};
}

/* Whole words below the mark are of no use any more; moves rarely, so cheaply. */
static void drop_front(struct watermark *mark)
{
    size_t n_gone = (size_t)(mark->low / 64 - mark->low_word);

    if (n_gone < 1024 || n_gone < mark->n_words / 2)
        return;
    if (n_gone > mark->n_words)
        n_gone = mark->n_words;
    memmove(mark->bits, mark->bits + n_gone, (mark->n_words - n_gone) * sizeof(uint64_t));
    mark->n_words -= n_gone;
    mark->low_word += (int64_t)n_gone;
}

void watermark_record(struct watermark *mark, int64_t row)
{
    size_t word;

    if (row < mark->low)
        return;
    word = (size_t)(row / 64 - mark->low_word);
    if (word >= mark->capacity) {
        mark->capacity = (word + 1) * 2;
        mark->bits = mem_grow(mark->bits, mark->capacity, sizeof(uint64_t));
    }
    for (; mark->n_words <= word; mark->n_words++)
        mark->bits[mark->n_words] = 0;
    mark->bits[word] |= UINT64_C(1) << (row % 64);
}

int64_t watermark_low(struct watermark *mark)
{
    for (;;) {
        size_t word = (size_t)(mark->low / 64 - mark->low_word);
        uint64_t bits;

        if (word >= mark->n_words)
            break;
        bits = mark->bits[word] >> (mark->low % 64);
        if ((bits & 1) == 0)
            break;
        /* As many as are recorded in a row, up to the end of the word. */
        mark->low += ~bits != 0 ? __builtin_ctzll(~bits) : 64 - mark->low % 64;
    }
    drop_front(mark);
    return mark->low;
}
