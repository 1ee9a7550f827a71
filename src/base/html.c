/* SPDX-License-Identifier: MIT */

#include "base/html.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/utf8.h"

/* U+FFFD */
#define REPLACEMENT "\xef\xbf\xbd"

int html_add_literal(struct buf *out, const char *literal, size_t len)
{
    return buf_add(out, bytes_of(literal, len));
}

static bool is_control(const uint8_t *sequence, size_t len)
{
    if (len == 2)
        return sequence[0] == 0xc2 && sequence[1] < 0xa0;
    return len == 1 && (sequence[0] < ' ' || sequence[0] == 0x7f) &&
           sequence[0] != '\t' && sequence[0] != '\n' && sequence[0] != '\r';
}

/* What is written instead of the character at the start; empty: it stays as it is. */
static struct bytes stand_in(struct bytes text, size_t len)
{
    switch (text.ptr[0]) {
    case '&':
        return BYTES("&amp;");
    case '<':
        return BYTES("&lt;");
    case '>':
        return BYTES("&gt;");
    case '"':
        return BYTES("&quot;");
    case '\'':
        return BYTES("&#39;");
    default:
        break;
    }
    if (len == 0 || is_control((const uint8_t *)text.ptr, len))
        return BYTES(REPLACEMENT);
    return bytes_of(NULL, 0);
}

int html_text(struct buf *out, struct bytes text)
{
    while (text.len > 0) {
        size_t len = utf8_sequence_len(text.ptr, text.len);
        struct bytes character = stand_in(text, len);

        /* What begins no character is replaced byte by byte. */
        if (len == 0)
            len = 1;
        if (character.len == 0)
            character = bytes_of(text.ptr, len);
        if (buf_add(out, character) == BUF_FULL)
            return BUF_FULL;
        text = bytes_of(text.ptr + len, text.len - len);
    }
    return 0;
}

/* What a hole holds: the argument after the per cent sign's letter. */
static int add_hole(struct buf *out, char letter, va_list *args)
{
    const struct bytes *bytes;

    switch (letter) {
    case 's':
        return html_text(out, bytes_str(va_arg(*args, const char *)));
    case 'b':
        bytes = va_arg(*args, const struct bytes *);
        return html_text(out, *bytes);
    case 'd':
        return buf_add_i64(out, va_arg(*args, int));
    case 'l':
        return buf_add_i64(out, va_arg(*args, int64_t));
    case '%':
        return buf_add_char(out, '%');
    default:
        abort();
    }
}

/* Goes on when the buf is full, so that a wrong letter is found whatever the size. */
int html_addf_literal(struct buf *out, const char *literal, ...)
{
    va_list args;
    int answer = 0;

    va_start(args, literal);
    while (*literal != '\0') {
        size_t len = strcspn(literal, "%");

        answer |= html_add_literal(out, literal, len);
        literal += len;
        if (*literal == '\0')
            break;
        answer |= add_hole(out, literal[1], &args);
        literal += 2;
    }
    va_end(args);
    return answer;
}
