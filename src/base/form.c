/* SPDX-License-Identifier: MIT */

#include "base/form.h"

#include "base/hex.h"

static struct bytes after(struct bytes text, size_t len)
{
    return bytes_of(text.ptr + len, text.len - len);
}

/* Takes what stands for one byte from the front of @text, which is not empty. */
static char take_decoded(struct bytes *text)
{
    char c = text->ptr[0];
    uint8_t byte;

    if (c == '%' && hex_decode(bytes_slice(*text, 1, 2), &byte, 1)) {
        *text = after(*text, 3);
        return (char)byte;
    }
    *text = after(*text, 1);
    return c == '+' ? ' ' : c;
}

static size_t decoded_len(struct bytes text)
{
    size_t len = 0;

    for (; text.len > 0; len++)
        (void)take_decoded(&text);
    return len;
}

static bool decodes_to(struct bytes text, struct bytes wanted)
{
    while (text.len > 0 && wanted.len > 0) {
        if (take_decoded(&text) != wanted.ptr[0])
            return false;
        wanted = after(wanted, 1);
    }
    return text.len == 0 && wanted.len == 0;
}

int form_decode(struct bytes text, struct buf *ret_text)
{
    size_t len = decoded_len(text);
    char *room = buf_room(ret_text, len);

    if (room == NULL)
        return BUF_FULL;
    for (size_t i = 0; i < len; i++)
        room[i] = take_decoded(&text);
    buf_grew(ret_text, len);
    return 0;
}

/* The next field as sent, *ret_value being what follows the '='. */
static bool next_field(struct bytes *rest, struct bytes *ret_name,
                       struct bytes *ret_value)
{
    while (rest->len > 0) {
        struct bytes field = bytes_take_until(rest, '&');

        if (field.len == 0)
            continue;
        *ret_name = bytes_take_until(&field, '=');
        *ret_value = field;
        return true;
    }
    return false;
}

bool form_next(struct bytes *rest, struct buf *scratch, struct bytes *ret_name,
               struct bytes *ret_value)
{
    size_t name_at = scratch->len;
    size_t value_at;
    struct bytes name;
    struct bytes value;

    if (!next_field(rest, &name, &value))
        return false;
    /* Room for both at once: a field is added whole or not at all. */
    if (buf_room(scratch, decoded_len(name) + decoded_len(value)) == NULL)
        return false;
    (void)form_decode(name, scratch);
    value_at = scratch->len;
    (void)form_decode(value, scratch);
    *ret_name = bytes_of(scratch->ptr + name_at, value_at - name_at);
    *ret_value = bytes_of(scratch->ptr + value_at, scratch->len - value_at);
    return true;
}

bool form_find(struct bytes form, const char *name, struct buf *scratch,
               struct bytes *ret_value)
{
    struct bytes wanted = bytes_str(name);
    struct bytes key;
    struct bytes value;

    buf_clear(scratch);
    while (next_field(&form, &key, &value)) {
        if (!decodes_to(key, wanted))
            continue;
        if (form_decode(value, scratch) == BUF_FULL)
            return false;
        *ret_value = buf_bytes(scratch);
        return true;
    }
    return false;
}

size_t form_count(struct bytes form, const char *name)
{
    struct bytes wanted = bytes_str(name);
    struct bytes key;
    struct bytes value;
    size_t n = 0;

    while (next_field(&form, &key, &value))
        n += decodes_to(key, wanted);
    return n;
}

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_kept_short(char c, enum form_space space)
{
    return is_unreserved(c) || (c == ' ' && space == FORM_SPACE_PLUS);
}

static size_t encoded_len(struct bytes text, enum form_space space)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++)
        len += is_kept_short(text.ptr[i], space) ? 1 : 3;
    return len;
}

int form_encode(struct bytes text, enum form_space space, struct buf *ret_text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = encoded_len(text, space);
    char *at = buf_room(ret_text, len);

    if (at == NULL)
        return BUF_FULL;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i];

        if (is_kept_short(text.ptr[i], space)) {
            *at++ = byte == ' ' ? '+' : (char)byte;
            continue;
        }
        *at++ = '%';
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    buf_grew(ret_text, len);
    return 0;
}

int form_add(struct buf *ret_form, const char *name, struct bytes value,
             enum form_space space)
{
    struct bytes key = bytes_str(name);
    size_t len = encoded_len(key, space) + encoded_len(value, space) + 2;

    if (ret_form->len == 0)
        len--;
    if (buf_room(ret_form, len) == NULL)
        return BUF_FULL;
    if (ret_form->len > 0)
        (void)buf_add_char(ret_form, '&');
    (void)form_encode(key, space, ret_form);
    (void)buf_add_char(ret_form, '=');
    return form_encode(value, space, ret_form);
}
