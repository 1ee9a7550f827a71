/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * buf - bytes that grow up to a maximum given at birth.
 *
 * What strangers send ends up in one of these, so the maximum is not optional. Adding
 * past it changes nothing, latches `full` and answers BUF_FULL; a writer may therefore
 * add many pieces and ask once at the end.
 */

#include "base/bytes.h"

enum { BUF_FULL = 1 };

struct buf {
    char *ptr; /* NUL-terminated whenever not NULL */
    size_t len;
    size_t capacity;
    size_t max_bytes;
    bool full; /* an addition was refused; the content is therefore not whole */
};

/* No allocation yet. @max_bytes bounds len. */
void buf_init(struct buf *buf, size_t max_bytes);
/* Frees; twice is fine. The buf keeps its maximum and may be used again. */
void buf_done(struct buf *buf);
/* Empties, keeps the memory, forgets `full`. */
void buf_clear(struct buf *buf);

/* Each returns 0, or BUF_FULL and leaves the content unchanged. */
int buf_add(struct buf *buf, struct bytes bytes);
int buf_add_char(struct buf *buf, char c);
int buf_add_text(struct buf *buf, const char *text);
int buf_add_i64(struct buf *buf, int64_t value);
printf_like(2, 3) int buf_addf(struct buf *buf, const char *format, ...);
/* Room for @len more bytes at the end, to be written by the caller and then counted
 * with buf_grew(). NULL when that would pass the maximum. */
char *buf_room(struct buf *buf, size_t len);
void buf_grew(struct buf *buf, size_t len);
/* So much will be added, as far as can be told: all memory for it at once. */
void buf_expect(struct buf *buf, size_t len);
/* Removes the first @len bytes. */
void buf_drop_front(struct buf *buf, size_t len);

static inline struct bytes buf_bytes(const struct buf *buf)
{
    return bytes_of(buf->ptr, buf->len);
}

/* The content as text, never NULL. */
static inline const char *buf_text(const struct buf *buf)
{
    return buf->ptr != NULL ? buf->ptr : "";
}

/* The NUL-terminated memory itself; the caller frees it. Never NULL. */
must_check
char *buf_take(struct buf *buf);
