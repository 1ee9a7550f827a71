/* SPDX-License-Identifier: MIT */

#include "core/shape.h"

#include "json/scan.h"

/* Works on the text, token by token, so depth costs no stack. */
struct shape {
    const struct shape_rule *rule;
    struct buf *out;
    uint8_t is_object[SCAN_DEPTH + 1];
    size_t depth;
    size_t closed_at; /* the depth in which nothing is kept; 0: something may be */
    bool is_kept;     /* the value that comes next */
    bool is_closed;   /* likewise, when it is a container */
};

static bool is_among(struct bytes key, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (bytes_eq(key, bytes_str(*names)))
            return true;
    }
    return false;
}

/* @rest begins at the opening quote: takes the whole string. */
static struct bytes take_string(struct bytes *rest)
{
    struct bytes string = *rest;
    size_t len = 1;

    while (rest->ptr[len] != '"')
        len += rest->ptr[len] == '\\' ? 2 : 1;
    string.len = len + 1;
    *rest = bytes_slice(*rest, string.len, rest->len);
    return string;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct bytes take_scalar(struct bytes *rest)
{
    struct bytes scalar = *rest;
    size_t len = 0;

    while (len < rest->len && rest->ptr[len] != ',' && rest->ptr[len] != ']' &&
           rest->ptr[len] != '}' && !is_space(rest->ptr[len]))
        len++;
    scalar.len = len;
    *rest = bytes_slice(*rest, len, rest->len);
    return scalar;
}

static bool is_key(const struct shape *shape, struct bytes rest)
{
    if (shape->depth == 0 || !shape->is_object[shape->depth])
        return false;
    while (rest.len > 0 && is_space(rest.ptr[0]))
        rest = bytes_slice(rest, 1, rest.len);
    return rest.len > 0 && rest.ptr[0] == ':';
}

static void add_scalar(struct shape *shape, struct bytes value)
{
    const bool is_kept = shape->is_kept && shape->closed_at == 0;

    if (is_kept || bytes_eq(value, BYTES("null")))
        buf_add(shape->out, value);
    else if (value.ptr[0] == '"')
        buf_add(shape->out, value.len > 2 ? BYTES("\"\xe2\x80\xa2\xe2\x80\xa2\xe2\x80"
                                                  "\xa2\"")
                                          : value);
    else
        buf_add(shape->out,
                value.ptr[0] == 't' || value.ptr[0] == 'f' ? BYTES("false") : BYTES("0"));
    shape->is_kept = false;
    shape->is_closed = false;
}

static void add_string(struct shape *shape, struct bytes *rest)
{
    const struct bytes string = take_string(rest);
    const struct bytes inside = bytes_slice(string, 1, string.len - 2);

    if (!is_key(shape, *rest)) {
        add_scalar(shape, string);
        return;
    }
    buf_add(shape->out, string);
    shape->is_kept = is_among(inside, shape->rule->kept);
    shape->is_closed = is_among(inside, shape->rule->closed);
}

static void open_container(struct shape *shape, bool is_object)
{
    shape->depth++;
    shape->is_object[shape->depth] = is_object;
    if (shape->is_closed && shape->closed_at == 0)
        shape->closed_at = shape->depth;
    shape->is_kept = false;
    shape->is_closed = false;
}

static void close_container(struct shape *shape)
{
    if (shape->closed_at == shape->depth)
        shape->closed_at = 0;
    shape->depth--;
}

static void step(struct shape *shape, struct bytes *rest)
{
    const char c = rest->ptr[0];

    if (c == '"') {
        add_string(shape, rest);
        return;
    }
    if (c != '{' && c != '[' && c != '}' && c != ']' && c != ',' && c != ':' &&
        !is_space(c)) {
        add_scalar(shape, take_scalar(rest));
        return;
    }
    buf_add_char(shape->out, c);
    *rest = bytes_slice(*rest, 1, rest->len);
    if (c == '{' || c == '[')
        open_container(shape, c == '{');
    else if (c == '}' || c == ']')
        close_container(shape);
}

int shape_json(struct bytes json, const struct shape_rule *rule, struct buf *ret_json)
{
    struct shape shape = {.rule = rule, .out = ret_json};
    struct scan_span root;
    struct scan_fault fault;

    if (!scan_json(json, NULL, &root, &fault))
        return -1;
    while (root.text.len > 0)
        step(&shape, &root.text);
    return 0;
}
