/* SPDX-License-Identifier: MIT */

#include "segment/xml.h"

#include "json/text.h"

/* --- reading on --------------------------------------------------------------------- */

struct reader {
    struct bytes document;
    size_t at;
    struct bytes path[XML_DEPTH]; /* names of what is open */
    size_t depth;
    bool has_root;
    const char *wanted;
    struct xml_found *found;
};

static struct bytes rest_of(const struct reader *reader)
{
    return bytes_slice(reader->document, reader->at, reader->document.len);
}

static bool take_text(struct reader *reader, struct bytes text)
{
    if (!bytes_starts(rest_of(reader), text))
        return false;
    reader->at += text.len;
    return true;
}

static bool is_letter(char c)
{
    const char lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes take_name(struct reader *reader)
{
    const struct bytes rest = rest_of(reader);
    size_t len = 0;

    if (rest.len == 0 || !is_letter(rest.ptr[0]))
        return bytes_of(NULL, 0);
    while (len < rest.len &&
           (is_letter(rest.ptr[len]) || is_digit(rest.ptr[len]) ||
            strchr("-.:", rest.ptr[len]) != NULL) &&
           rest.ptr[len] != '\0')
        len++;
    reader->at += len;
    return bytes_slice(rest, 0, len);
}

static bool take_space(struct reader *reader)
{
    const size_t start = reader->at;

    while (reader->at < reader->document.len &&
           is_space(reader->document.ptr[reader->at]))
        reader->at++;
    return reader->at > start;
}

/* Name="value", quotes of either kind. */
static bool take_attribute(struct reader *reader)
{
    const bool is_named = take_name(reader).len > 0 && take_text(reader, BYTES("="));
    const struct bytes rest = rest_of(reader);
    struct bytes value;

    if (!is_named || rest.len < 2 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
        return false;
    value = bytes_slice(rest, 1, rest.len);
    value = bytes_slice(value, 0, bytes_index(value, rest.ptr[0]));
    reader->at += value.len + 2;
    return reader->at <= reader->document.len && bytes_index(value, '<') == value.len;
}

/* --- elements ----------------------------------------------------------------------- */

static bool is_at_wanted(const struct reader *reader)
{
    struct bytes left = bytes_str(reader->wanted);

    for (size_t i = 0; i < reader->depth; i++) {
        if (!bytes_eq(bytes_take_until(&left, '/'), reader->path[i]))
            return false;
    }
    return left.len == 0;
}

/* @start: of its first tag; the first tag has been read. */
static bool open_element(struct reader *reader, struct bytes name, size_t start)
{
    struct xml_found *found = reader->found;

    if (reader->depth == XML_DEPTH || (reader->depth == 0 && reader->has_root))
        return false;
    reader->has_root = true;
    reader->path[reader->depth++] = name;
    if (is_at_wanted(reader) && found->n_found++ == 0) {
        found->outer = bytes_of(reader->document.ptr + start, 0);
        found->inner = bytes_of(reader->document.ptr + reader->at, 0);
    }
    return true;
}

/* @inner_end: of what is inside; the last tag has been read. */
static void close_element(struct reader *reader, size_t inner_end)
{
    struct xml_found *found = reader->found;
    const char *start = reader->document.ptr;

    if (is_at_wanted(reader) && found->n_found == 1) {
        found->inner.len = (size_t)(start + inner_end - found->inner.ptr);
        found->outer.len = (size_t)(start + reader->at - found->outer.ptr);
    }
    reader->depth--;
}

static bool read_end_tag(struct reader *reader, size_t start)
{
    const struct bytes name = take_name(reader);

    (void)take_space(reader);
    if (!take_text(reader, BYTES(">")) || reader->depth == 0 ||
        !bytes_eq(name, reader->path[reader->depth - 1]))
        return false;
    close_element(reader, start);
    return true;
}

static bool read_start_tag(struct reader *reader, size_t start)
{
    const struct bytes name = take_name(reader);
    bool is_empty;

    if (name.len == 0)
        return false;
    while (take_space(reader) && reader->at < reader->document.len &&
           is_letter(reader->document.ptr[reader->at])) {
        if (!take_attribute(reader))
            return false;
    }
    is_empty = take_text(reader, BYTES("/"));
    if (!take_text(reader, BYTES(">")) || !open_element(reader, name, start))
        return false;
    if (is_empty)
        close_element(reader, reader->at);
    return true;
}

/* Up to the next tag; outside of the root there is only space. */
static bool read_text(struct reader *reader)
{
    const struct bytes rest = rest_of(reader);
    const struct bytes text = bytes_slice(rest, 0, bytes_index(rest, '<'));

    reader->at += text.len;
    return reader->depth > 0 || bytes_trim(text).len == 0;
}

static bool read_declaration(struct reader *reader)
{
    struct bytes rest;

    (void)take_text(reader, BYTES("\xef\xbb\xbf"));
    if (!take_text(reader, BYTES("<?xml ")))
        return true;
    rest = rest_of(reader);
    reader->at += bytes_index(rest, '?');
    return bytes_index(rest, '<') > bytes_index(rest, '?') &&
           take_text(reader, BYTES("?>"));
}

bool xml_find(struct bytes document, const char *path, struct xml_found *ret_found)
{
    struct reader reader = {.document = document, .wanted = path, .found = ret_found};

    *ret_found = (struct xml_found){.n_found = 0};
    if (!read_declaration(&reader) || !read_text(&reader))
        return false;
    while (reader.at < document.len) {
        const size_t start = reader.at;
        bool is_good;

        (void)take_text(&reader, BYTES("<"));
        is_good = take_text(&reader, BYTES("/")) ? read_end_tag(&reader, start)
                                                 : read_start_tag(&reader, start);
        if (!is_good || !read_text(&reader))
            return false;
    }
    return reader.has_root && reader.depth == 0;
}

/* --- text --------------------------------------------------------------------------- */

static bool is_xml_point(uint32_t point)
{
    return point == '\t' || point == '\n' || point == '\r' ||
           (point >= 0x20 && point <= 0x10ffff && !text_is_surrogate(point) &&
            point != 0xfffe && point != 0xffff);
}

/* "#65", "#x41" */
static bool add_number(struct bytes digits, struct buf *text)
{
    const bool is_hex = digits.len > 0 && digits.ptr[0] == 'x';
    char sequence[TEXT_SEQUENCE_MAX];
    uint32_t point = 0;

    digits = bytes_slice(digits, is_hex, digits.len);
    if (digits.len == 0 || digits.len > 7)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        const char c = digits.ptr[i];
        const char lower = (char)(c | 0x20);

        if (is_digit(c))
            point = point * (is_hex ? 16 : 10) + (uint32_t)(c - '0');
        else if (is_hex && lower >= 'a' && lower <= 'f')
            point = point * 16 + (uint32_t)(lower - 'a' + 10);
        else
            return false;
    }
    return is_xml_point(point) &&
           buf_add(text, bytes_of(sequence, text_encode(point, sequence))) == 0;
}

static bool add_reference(struct bytes name, struct buf *text)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

    if (bytes_starts(name, BYTES("#")))
        return add_number(bytes_slice(name, 1, name.len), text);
    for (size_t i = 0; i < COUNT(entities); i++) {
        if (bytes_eq(name, bytes_str(entities[i].name)))
            return buf_add_char(text, entities[i].c) == 0;
    }
    return false;
}

static bool add_text(struct bytes inner, struct buf *text)
{
    while (inner.len > 0) {
        const size_t plain = bytes_index(inner, '&');
        size_t end;

        if (buf_add(text, bytes_slice(inner, 0, plain)) != 0)
            return false;
        inner = bytes_slice(inner, plain, inner.len);
        if (inner.len == 0)
            break;
        end = bytes_index(inner, ';');
        if (end == inner.len || !add_reference(bytes_slice(inner, 1, end - 1), text))
            return false;
        inner = bytes_slice(inner, end + 1, inner.len);
    }
    return true;
}

bool xml_text(struct bytes inner, struct buf *ret_text)
{
    const size_t before = ret_text->len;

    if (bytes_index(inner, '<') == inner.len && add_text(inner, ret_text))
        return true;
    ret_text->len = before;
    if (ret_text->ptr != NULL)
        ret_text->ptr[before] = '\0';
    return false;
}
