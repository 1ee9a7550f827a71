/* SPDX-License-Identifier: MIT */

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum { FIRST_CAPACITY = 256 };

void buf_init(struct buf *buf, size_t max_bytes)
{
    *buf = (struct buf){.max_bytes = max_bytes};
}

void buf_done(struct buf *buf)
{
    free(buf->ptr);
    buf_init(buf, buf->max_bytes);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->full = false;
    if (buf->ptr != NULL)
        buf->ptr[0] = '\0';
}

char *buf_room(struct buf *buf, size_t len)
{
    if (len > buf->max_bytes || buf->len > buf->max_bytes - len) {
        buf->full = true;
        return NULL;
    }
    if (buf->ptr == NULL || buf->len + len + 1 > buf->capacity) {
        size_t wanted = buf->capacity > 0 ? buf->capacity : FIRST_CAPACITY;

        while (wanted < buf->len + len + 1)
            wanted *= 2;
        buf->ptr = mem_grow(buf->ptr, wanted, 1);
        buf->capacity = wanted;
    }
    return buf->ptr + buf->len;
}

void buf_grew(struct buf *buf, size_t len)
{
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

/* Most additions fit where they are; the sum cannot overflow then. */
static bool fits(const struct buf *buf, size_t len)
{
    return len < buf->capacity - buf->len && buf->len + len <= buf->max_bytes;
}

int buf_add(struct buf *buf, struct bytes bytes)
{
    char *room = fits(buf, bytes.len) ? buf->ptr + buf->len : buf_room(buf, bytes.len);

    if (room == NULL)
        return BUF_FULL;
    if (bytes.len > 0)
        memcpy(room, bytes.ptr, bytes.len);
    buf->len += bytes.len;
    buf->ptr[buf->len] = '\0';
    return 0;
}

int buf_add_char(struct buf *buf, char c)
{
    return buf_add(buf, bytes_of(&c, 1));
}

int buf_add_text(struct buf *buf, const char *text)
{
    return buf_add(buf, bytes_str(text));
}

int buf_add_i64(struct buf *buf, int64_t value)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--at] = '-';
    return buf_add(buf, bytes_of(digits + at, sizeof(digits) - at));
}

int buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    int len;
    char *room;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    room = len >= 0 ? buf_room(buf, (size_t)len) : NULL;
    if (room != NULL) {
        vsnprintf(room, (size_t)len + 1, format, again);
        buf_grew(buf, (size_t)len);
    }
    va_end(again);
    return room != NULL ? 0 : BUF_FULL;
}

void buf_expect(struct buf *buf, size_t len)
{
    const size_t left = buf->max_bytes - buf->len;
    const bool was_empty = buf->ptr == NULL;

    if (buf_room(buf, len < left ? len : left) != NULL && was_empty)
        buf->ptr[0] = '\0';
}

void buf_drop_front(struct buf *buf, size_t len)
{
    if (len >= buf->len) {
        bool full = buf->full;

        buf_clear(buf);
        buf->full = full;
        return;
    }
    memmove(buf->ptr, buf->ptr + len, buf->len - len);
    buf->len -= len;
    buf->ptr[buf->len] = '\0';
}

char *buf_take(struct buf *buf)
{
    char *text = buf->ptr != NULL ? buf->ptr : mem_zero(1);

    buf_init(buf, buf->max_bytes);
    return text;
}
