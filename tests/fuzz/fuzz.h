/* SPDX-License-Identifier: MIT */
#pragma once

/* fuzz - what every target here needs: its entry, and a claim that ends the run. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void claim(bool holds, const char *text, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
    abort();
}

/* Not assert: a claim is the purpose of its target, whatever NDEBUG says. */
#define CLAIM(holds) claim((holds), #holds, __FILE__, __LINE__)

/* Is @part a slice of @whole? An empty one is a slice of anything. */
static inline bool is_within(struct bytes part, struct bytes whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.len <= whole.len &&
                             part.ptr + part.len <= whole.ptr + whole.len);
}
