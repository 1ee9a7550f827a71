/* SPDX-License-Identifier: MIT */

#include "core/suggest.h"

enum { LONGEST = 64 };

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t suggest_distance(struct bytes a, struct bytes b)
{
    /* The last three rows of the table of distances between all beginnings. */
    size_t rows[3][LONGEST + 1];

    if (a.len > LONGEST || b.len > LONGEST)
        return a.len > b.len ? a.len : b.len;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        const size_t *before = rows[(i + 1) % 3];
        const size_t *above = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];
        char letter = fold(a.ptr[i - 1]);

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = letter == fold(b.ptr[j - 1]);
            bool swapped = i > 1 && j > 1 && letter == fold(b.ptr[j - 2]) &&
                           fold(a.ptr[i - 2]) == fold(b.ptr[j - 1]);

            row[j] =
                least(above[j - 1] + (same ? 0 : 1), least(above[j], row[j - 1]) + 1);
            if (swapped)
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

const char *suggest_nearest(struct bytes word, const char *const *words, size_t n_words)
{
    const char *nearest = NULL;
    size_t shortest = (word.len < 3 ? 1 : word.len / 3) + 1;

    for (size_t i = 0; i < n_words; i++) {
        size_t distance;

        if (words[i] == NULL)
            continue;
        distance = suggest_distance(word, bytes_str(words[i]));
        if (distance < shortest) {
            shortest = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
