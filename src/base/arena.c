/* SPDX-License-Identifier: MIT */

#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum { BLOCK_BYTES = 4096 - 64 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena)
{
    arena->blocks = NULL;
}

void arena_done(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
}

static struct arena_block *block_with_room(struct arena *arena, size_t size_bytes)
{
    struct arena_block *block = arena->blocks;
    size_t size = size_bytes > BLOCK_BYTES ? size_bytes : BLOCK_BYTES;

    if (block != NULL && block->size - block->used >= size_bytes)
        return block;
    block = mem_grow(NULL, 1, sizeof(*block) + size);
    block->used = 0;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

static void *take_room(struct arena *arena, size_t size_bytes)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = (size_bytes + align - 1) / align * align;
    struct arena_block *block = block_with_room(arena, rounded);
    void *memory = block->data + block->used;

    block->used += rounded;
    return memory;
}

void *arena_zero(struct arena *arena, size_t size_bytes)
{
    return memset(take_room(arena, size_bytes), 0, size_bytes);
}

char *arena_copy(struct arena *arena, struct bytes bytes)
{
    char *copy = take_room(arena, bytes.len + 1);

    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    copy[bytes.len] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, bytes_str(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;
    int len;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = arena_zero(arena, (size_t)(len > 0 ? len : 0) + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
