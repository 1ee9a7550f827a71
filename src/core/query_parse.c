/* SPDX-License-Identifier: MIT */

/* From a query's text to its terms. */

#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/excerpt.h"
#include "base/utf8.h"
#include "core/query_text.h"
#include "core/query_value.h"
#include "core/suggest.h"

#define CODE "PA7017"

struct parser {
    struct query *query;
    struct bytes whole;
    struct bytes rest;
    int64_t now_ms;
    struct err *err;
    bool is_after_or; /* a term must come, else OR has nothing behind it */
};

/* The words before a colon, in the order of enum query_field from QUERY_IS on. */
static const char *const fields[] = {
    "is",    "type",     "event",   "user", "anon",    "sub",    "source",
    "fn",    "install",  "key",     "id",   "message", "replay", "status",
    "error", "attempts", "latency", "size", "has",     "after",  "before"};
static_assert(COUNT(fields) == QUERY_BEFORE - QUERY_IS + 1, "one name for each field");

#define FIELDS_HELP                                                                      \
    "fields: is: type: event: user: anon: sub: source: fn: install: key: id: message: "  \
    "replay: status: error: attempts: latency: size: has: after: before:"
#define PATHS_HELP                                                                       \
    "paths: properties.plan: traits.email: context.ip: integrations.All: "               \
    "payload.any.path:"

/* What a path into the payload begins with; anything else lies below "payload.". */
static const char *const roots[] = {"properties", "traits", "context", "integrations",
                                    "payload"};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- places ------------------------------------------------------------------------- */

static size_t characters(struct bytes text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return n;
}

/* @at and @end are offsets in the whole text. Puts the place into err, which is set. */
static int fault(struct parser *parser, size_t at, size_t end)
{
    struct query *query = parser->query;
    struct excerpt excerpt = {.file = "query", .source = parser->whole, .line = 1};
    size_t line_at = 0;

    query->fault_at = characters(bytes_slice(parser->whole, 0, at));
    query->fault_len = characters(bytes_slice(parser->whole, at, end - at));
    for (size_t i = 0; i < at; i++) {
        if (parser->whole.ptr[i] != '\n')
            continue;
        excerpt.line++;
        line_at = i + 1;
    }
    excerpt.column =
        (int)characters(bytes_slice(parser->whole, line_at, at - line_at)) + 1;
    excerpt.width = query->fault_len > 0 ? (int)query->fault_len : 1;
    if (parser->err != NULL)
        excerpt_place(&excerpt, parser->err);
    return -1;
}

static size_t offset(const struct parser *parser)
{
    return parser->whole.len - parser->rest.len;
}

static void skip(struct parser *parser, size_t n_bytes)
{
    parser->rest = bytes_slice(parser->rest, n_bytes, parser->rest.len);
}

/* --- values ------------------------------------------------------------------------- */

static size_t length_to_blank(struct bytes rest)
{
    size_t len = 0;

    while (len < rest.len && !is_blank(rest.ptr[len]))
        len++;
    return len;
}

/* Between quotes, in which \" and \\ stand for themselves. */
static int take_quoted(struct parser *parser, struct bytes *ret_value)
{
    cleanup(buf_done) struct buf value = {0};
    struct bytes rest = parser->rest;
    size_t at = 1;

    buf_init(&value, QUERY_MAX_BYTES);
    for (; at < rest.len && rest.ptr[at] != '"'; at++) {
        if (rest.ptr[at] == '\\' && at + 1 < rest.len)
            at++;
        (void)buf_add_char(&value, rest.ptr[at]);
    }
    if (at >= rest.len) {
        err_code(parser->err, CODE, ERR_USAGE, "a quote in the query is not closed");
        return fault(parser, offset(parser), parser->whole.len);
    }
    *ret_value =
        bytes_of(arena_copy(&parser->query->arena, buf_bytes(&value)), value.len);
    skip(parser, at + 1);
    return 0;
}

static int take_value(struct parser *parser, struct bytes *ret_value)
{
    size_t len = length_to_blank(parser->rest);

    if (parser->rest.len > 0 && parser->rest.ptr[0] == '"')
        return take_quoted(parser, ret_value);
    *ret_value = bytes_slice(parser->rest, 0, len);
    skip(parser, len);
    return 0;
}

static int parse_value(struct parser *parser, struct bytes prefix,
                       struct query_term *term)
{
    size_t at = offset(parser);

    if (take_value(parser, &term->text) < 0)
        return -1;
    if (term->text.len == 0) {
        err_code(parser->err, CODE, ERR_USAGE, "%.*s: without a value",
                 BYTES_FMT(query_value_shown(prefix)));
        err_help(parser->err, "no blank after the colon; quotes around blanks: "
                              "event:\"Signed Up\"");
        return fault(parser, at - prefix.len - 1, offset(parser));
    }
    if (query_value_parse(term, parser->now_ms, parser->err) == 0)
        return 0;
    return fault(parser, at, offset(parser));
}

/* --- fields ------------------------------------------------------------------------- */

static int unknown_field(struct parser *parser, struct bytes prefix)
{
    struct bytes rest = prefix;
    struct bytes first = bytes_take_until(&rest, '.');
    bool has_dot = first.len < prefix.len;
    struct bytes shown = query_value_shown(prefix);
    const char *nearest = has_dot ? suggest_nearest(first, roots, COUNT(roots))
                                  : suggest_nearest(prefix, fields, COUNT(fields));

    if (nearest == NULL)
        err_code(parser->err, CODE, ERR_USAGE, "no field \"%.*s\"", BYTES_FMT(shown));
    else if (has_dot)
        err_code(parser->err, CODE, ERR_USAGE,
                 "no field \"%.*s\"; did you mean %s.%.*s:?", BYTES_FMT(shown), nearest,
                 BYTES_FMT(query_value_shown(rest)));
    else
        err_code(parser->err, CODE, ERR_USAGE, "no field \"%.*s\"; did you mean %s:?",
                 BYTES_FMT(shown), nearest);
    err_help(parser->err, FIELDS_HELP);
    err_help(parser->err, PATHS_HELP);
    err_help(parser->err, "quotes look for the text itself: \"%.*s:…\"",
             BYTES_FMT(shown));
    return fault(parser, offset(parser), offset(parser) + prefix.len + 1);
}

static bool is_root(struct bytes name)
{
    for (size_t i = 0; i < COUNT(roots); i++) {
        if (bytes_eq(name, bytes_str(roots[i])))
            return true;
    }
    return false;
}

/* No name in it is empty, and there are not too many. */
static bool is_path(struct bytes path)
{
    size_t n_names = 0;

    while (path.len > 0) {
        bool has_next = bytes_index(path, '.') < path.len;

        if (bytes_take_until(&path, '.').len == 0 || ++n_names > QUERY_MAX_PATH ||
            (has_next && path.len == 0))
            return false;
    }
    return n_names > 0;
}

/* 1 when the prefix is a path, 0 when it looks like none, -1. */
static int parse_path(struct parser *parser, struct bytes prefix, struct query_term *term)
{
    struct bytes below = prefix;
    struct bytes root = bytes_take_until(&below, '.');

    if (!is_root(root))
        return 0;
    if (is_path(below)) {
        term->field = QUERY_PATH;
        term->path = bytes_eq(root, BYTES("payload")) ? below : prefix;
        return 1;
    }
    err_code(parser->err, CODE, ERR_USAGE, "\"%.*s\" is no path into the payload",
             BYTES_FMT(query_value_shown(prefix)));
    err_help(parser->err, PATHS_HELP);
    err_help(parser->err, "at most %d names with a dot between them", QUERY_MAX_PATH);
    return fault(parser, offset(parser), offset(parser) + prefix.len);
}

static int find_field(struct parser *parser, struct bytes prefix, struct query_term *term)
{
    size_t i = 0;
    int result;

    while (i < COUNT(fields) && !bytes_eq_nocase(prefix, bytes_str(fields[i])))
        i++;
    if (i < COUNT(fields)) {
        term->field = (enum query_field)(QUERY_IS + i);
        return 0;
    }
    result = parse_path(parser, prefix, term);
    if (result == 0)
        return unknown_field(parser, prefix);
    return result < 0 ? -1 : 0;
}

/* What stands before a colon in the coming term, or empty. */
static struct bytes prefix_of(struct bytes rest)
{
    size_t at = 0;

    while (at < rest.len && !is_blank(rest.ptr[at]) && rest.ptr[at] != '"' &&
           rest.ptr[at] != ':')
        at++;
    return at < rest.len && rest.ptr[at] == ':' ? bytes_slice(rest, 0, at)
                                                : bytes_of(NULL, 0);
}

/* --- terms -------------------------------------------------------------------------- */

static int parse_word(struct parser *parser, struct query_term *term)
{
    struct bytes word;
    char *folded;

    if (parser->rest.ptr[0] == '(') {
        err_code(parser->err, CODE, ERR_USAGE, "there are no parentheses in queries");
        err_help(parser->err,
                 "a blank binds tighter than OR: is:dead sub:crm OR is:dead sub:web");
        err_help(parser->err, "quotes look for the text itself: \"(…\"");
        return fault(parser, offset(parser), offset(parser) + 1);
    }
    if (take_value(parser, &word) < 0)
        return -1;
    folded = arena_zero(&parser->query->arena, word.len + 1);
    query_text_fold(word, folded);
    term->text = bytes_of(folded, word.len);
    return 0;
}

static int parse_term(struct parser *parser, struct query_term *term)
{
    struct bytes prefix;

    if (parser->rest.len > 1 && parser->rest.ptr[0] == '-' &&
        !is_blank(parser->rest.ptr[1])) {
        term->is_excluded = true;
        skip(parser, 1);
    }
    prefix = prefix_of(parser->rest);
    if (prefix.len == 0)
        return parse_word(parser, term);
    if (find_field(parser, prefix, term) < 0)
        return -1;
    skip(parser, prefix.len + 1);
    return parse_value(parser, prefix, term);
}

static int add_term(struct parser *parser)
{
    struct query *query = parser->query;
    struct query_term *term = &query->terms[query->n_terms];

    if (query->n_terms == QUERY_MAX_TERMS) {
        err_code(parser->err, CODE, ERR_USAGE, "more than %d terms in the query",
                 QUERY_MAX_TERMS);
        return fault(parser, offset(parser), parser->whole.len);
    }
    *term =
        (struct query_term){.field = QUERY_WORD, .group = (unsigned)query->n_groups - 1};
    if (parse_term(parser, term) < 0)
        return -1;
    query->n_terms++;
    parser->is_after_or = false;
    return 0;
}

static bool is_or(struct bytes rest)
{
    return bytes_eq(bytes_slice(rest, 0, length_to_blank(rest)), BYTES("OR"));
}

static int lone_or(struct parser *parser, size_t at)
{
    err_code(parser->err, CODE, ERR_USAGE, "OR stands between two terms");
    err_help(parser->err, "is:dead OR is:retrying");
    err_help(parser->err, "quotes look for the word itself: \"OR\"");
    return fault(parser, at, at + 2);
}

static int add_group(struct parser *parser)
{
    if (parser->query->n_terms == 0 || parser->is_after_or)
        return lone_or(parser, offset(parser));
    parser->query->n_groups++;
    parser->is_after_or = true;
    skip(parser, 2);
    return 0;
}

static int parse_terms(struct parser *parser)
{
    size_t or_at = 0;
    int result = 0;

    while (result == 0) {
        while (parser->rest.len > 0 && is_blank(parser->rest.ptr[0]))
            skip(parser, 1);
        if (parser->rest.len == 0)
            return parser->is_after_or ? lone_or(parser, or_at) : 0;
        if (is_or(parser->rest)) {
            or_at = offset(parser);
            result = add_group(parser);
        } else {
            result = add_term(parser);
        }
    }
    return result;
}

/* Places are told in characters, and what is stored has no other text. */
static bool is_utf8(struct bytes text)
{
    while (text.len > 0) {
        size_t len = utf8_sequence_len(text.ptr, text.len);

        if (len == 0)
            return false;
        text = bytes_slice(text, len, text.len);
    }
    return true;
}

static int check_text(struct bytes text, struct err *err)
{
    if (text.len > QUERY_MAX_BYTES)
        return err_code(err, CODE, ERR_USAGE, "the query is longer than %d bytes",
                        QUERY_MAX_BYTES);
    return is_utf8(text) ? 0 : err_code(err, CODE, ERR_USAGE, "the query is not UTF-8");
}

int query_parse(struct bytes text, int64_t now_ms, struct query *ret_query,
                struct err *err)
{
    struct parser parser = {.query = ret_query, .now_ms = now_ms, .err = err};

    *ret_query = (struct query){.n_groups = 1};
    arena_init(&ret_query->arena);
    if (check_text(text, err) < 0) {
        ret_query->fault_len = 1;
        return -1;
    }
    parser.whole = bytes_of(arena_copy(&ret_query->arena, text), text.len);
    parser.rest = parser.whole;
    if (parse_terms(&parser) == 0)
        return 0;
    query_done(ret_query);
    return -1;
}
