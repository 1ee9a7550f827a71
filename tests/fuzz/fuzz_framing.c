/* SPDX-License-Identifier: MIT */

/* The head of a request as libmicrohttpd leaves it (see net/framing.h). A head that is
 * fine has a text that reads back to the same verdict when it is written as RFC 9112
 * says, and none of its fields holds what could end a line. */

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "net/framing.h"

static void check_fields(struct bytes head, struct buf *again)
{
    struct bytes name, value;
    size_t cursor = 0;

    while (framing_next(head, &cursor, &name, &value)) {
        CLAIM(name.len > 0 && is_within(name, head) && is_within(value, head));
        for (size_t i = 0; i < value.len; i++)
            CLAIM((uint8_t)value.ptr[i] >= 0x20 || value.ptr[i] == '\t');
        CLAIM(value.len == 0 || (value.ptr[0] != ' ' && value.ptr[value.len - 1] != ' '));
        (void)buf_add(again, name);
        (void)buf_add_char(again, '\0');
        (void)buf_add_char(again, ' ');
        (void)buf_add(again, value);
        (void)buf_add(again, BYTES("\0\0"));
    }
    (void)buf_add(again, BYTES("\0\0"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes head = bytes_of(data, size);
    struct framing got, twice;
    struct buf again;

    buf_init(&again, size * 4 + 64);
    if (framing_judge(head, &got) == FRAMING_FINE) {
        CLAIM(got.body != FRAMING_LENGTH || got.content_length >= 0);
        (void)buf_add(&again,
                      got.is_http_1_0 ? BYTES("HTTP/1.0\0\0") : BYTES("HTTP/1.1\0\0"));
        check_fields(head, &again);
        CLAIM(framing_judge(buf_bytes(&again), &twice) == FRAMING_FINE);
        CLAIM(twice.body == got.body && twice.is_http_1_0 == got.is_http_1_0);
        CLAIM(got.body != FRAMING_LENGTH || twice.content_length == got.content_length);
    }
    /* What is a target has a path within it. */
    if (framing_is_target(head) && memchr(head.ptr, '\0', head.len) == NULL) {
        buf_clear(&again);
        (void)buf_add(&again, head);
        const char *text = buf_text(&again);
        const char *path = framing_path(text);

        CLAIM((path >= text && path <= text + head.len) || strcmp(path, "/") == 0);
    }
    buf_done(&again);
    return 0;
}
