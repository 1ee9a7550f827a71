/* SPDX-License-Identifier: MIT */

#include "json/relaxed.h"

#include "json/scan.h"

/*
 * One pass over the tokens repairs what is known to be meant, and trusts nothing: what
 * comes out goes through scan_json. So everything that is not repaired may be copied as
 * it stands.
 */
struct repair {
    struct bytes rest;
    struct buf *out;
    size_t depth;
    uint64_t is_object[SCAN_DEPTH / 64]; /* a bit for each open bracket */
    char last; /* the first byte of the token before; NUL: there was none */
};

static void drop(struct repair *r, size_t len)
{
    r->rest = bytes_of(r->rest.ptr + len, r->rest.len - len);
}

static void copy(struct repair *r, size_t len)
{
    (void)buf_add(r->out, bytes_of(r->rest.ptr, len));
    drop(r, len);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t space_len(struct bytes text)
{
    size_t len = 0;

    while (len < text.len && is_space(text.ptr[len]))
        len++;
    return len;
}

static bool in_object(const struct repair *r)
{
    size_t top = r->depth - 1;

    return r->depth > 0 && (r->is_object[top / 64] >> (top % 64) & 1) != 0;
}

static bool open_bracket(struct repair *r)
{
    uint64_t bit = UINT64_C(1) << (r->depth % 64);

    if (r->depth == SCAN_DEPTH)
        return false;
    if (r->rest.ptr[0] == '{')
        r->is_object[r->depth / 64] |= bit;
    else
        r->is_object[r->depth / 64] &= ~bit;
    r->depth++;
    copy(r, 1);
    return true;
}

static bool close_bracket(struct repair *r)
{
    if (r->depth == 0 || r->rest.ptr[0] != (in_object(r) ? '}' : ']'))
        return false;
    r->depth--;
    copy(r, 1);
    return true;
}

/* A comma is dropped when the bracket ends behind it, but not as the only thing in it. */
static void take_comma(struct repair *r)
{
    struct bytes ahead = bytes_slice(r->rest, 1, r->rest.len);

    ahead = bytes_slice(ahead, space_len(ahead), ahead.len);
    if (r->depth > 0 && r->last != '{' && r->last != '[' &&
        (ahead.len == 0 || ahead.ptr[0] == '}' || ahead.ptr[0] == ']'))
        drop(r, 1);
    else
        copy(r, 1);
}

/* From an opening quote up to the closing one. False when there is none. */
static bool take_string(struct repair *r, char quote)
{
    drop(r, 1);
    (void)buf_add_char(r->out, '"');
    while (r->rest.len > 0 && r->rest.ptr[0] != quote) {
        char c = r->rest.ptr[0];

        if (c == '\\' && r->rest.len > 1) {
            if (r->rest.ptr[1] == '\'' && quote == '\'')
                drop(r, 1);
            else
                copy(r, 1);
        } else if (c == '"') {
            (void)buf_add_char(r->out, '\\');
        }
        copy(r, 1);
    }
    if (r->rest.len == 0)
        return false;
    drop(r, 1);
    (void)buf_add_char(r->out, '"');
    return true;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '$';
}

/* A word is a key where a key is due, else it must turn out to be true, false or null. */
static void take_word(struct repair *r)
{
    bool is_key = in_object(r) && (r->last == '{' || r->last == ',');
    size_t len = 1;

    while (len < r->rest.len && is_word(r->rest.ptr[len]))
        len++;
    if (is_key)
        (void)buf_add_char(r->out, '"');
    copy(r, len);
    if (is_key)
        (void)buf_add_char(r->out, '"');
}

static bool take_token(struct repair *r)
{
    char first = r->rest.ptr[0];
    bool goes_on = true;

    switch (first) {
    case '{':
    case '[':
        goes_on = open_bracket(r);
        break;
    case '}':
    case ']':
        goes_on = close_bracket(r);
        break;
    case '"':
    case '\'':
        goes_on = take_string(r, first);
        break;
    case ',':
        take_comma(r);
        break;
    default:
        if (is_word(first))
            take_word(r);
        else
            copy(r, 1);
        break;
    }
    r->last = first;
    return goes_on;
}

/* Work ends where room does: a full buf takes nothing more. */
static bool repair(struct bytes text, struct buf *out)
{
    struct repair r = {.rest = text, .out = out};

    for (;;) {
        copy(&r, space_len(r.rest));
        if (r.rest.len == 0 || out->full)
            break;
        if (!take_token(&r))
            return false;
    }
    for (; r.depth > 0; r.depth--)
        (void)buf_add_char(out, in_object(&r) ? '}' : ']');
    return !out->full;
}

bool relaxed_print(struct bytes text, struct buf *ret_text)
{
    cleanup(buf_done) struct buf repaired = {.max_bytes = ret_text->max_bytes};
    struct scan_span root;
    struct scan_fault fault;

    if (scan_json(text, NULL, &root, &fault))
        return buf_add(ret_text, text) == 0;
    return text.len > 0 && repair(text, &repaired) &&
           scan_json(buf_bytes(&repaired), NULL, &root, &fault) &&
           buf_add(ret_text, buf_bytes(&repaired)) == 0;
}
