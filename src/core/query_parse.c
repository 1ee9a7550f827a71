/* SPDX-License-Identifier: MIT */

/* From a query's text to its terms. */

#include "core/query.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/time_text.h"
#include "core/id.h"
#include "core/suggest.h"

#define CODE "PA7017"

enum { QUERY_MAX_BYTES = 4096 };

struct parser {
    struct query *query;
    struct bytes rest;
    int64_t now_ms;
    struct err *err;
};

/* The words before a colon, in the order of enum query_field from QUERY_IS on. */
static const char *const prefixes[] = {"is",     "type",  "event", "user",
                                       "sub",    "key",   "id",    "message",
                                       "replay", "error", "after", "before"};
#define PREFIXES                                                                         \
    "is: type: event: user: sub: key: id: message: replay: error: after: before:"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Up to a blank, or between quotes, in which \" and \\ stand for themselves. */
static int take_value(struct parser *parser, struct bytes *ret_value)
{
    struct bytes *rest = &parser->rest;
    struct buf value;
    size_t at = 0;

    if (rest->len == 0 || rest->ptr[0] != '"') {
        while (at < rest->len && !is_blank(rest->ptr[at]))
            at++;
        *ret_value = bytes_slice(*rest, 0, at);
        *rest = bytes_slice(*rest, at, rest->len);
        return 0;
    }
    buf_init(&value, QUERY_MAX_BYTES);
    for (at = 1; at < rest->len && rest->ptr[at] != '"'; at++) {
        if (rest->ptr[at] == '\\' && at + 1 < rest->len)
            at++;
        (void)buf_add_char(&value, rest->ptr[at]);
    }
    *ret_value =
        bytes_of(arena_copy(&parser->query->arena, buf_bytes(&value)), value.len);
    buf_done(&value);
    if (at >= rest->len)
        return err_code(parser->err, CODE, ERR_USAGE,
                        "a quote in the query is not closed");
    *rest = bytes_slice(*rest, at + 1, rest->len);
    return 0;
}

static int parse_state(struct parser *parser, struct query_term *term)
{
    static const char *const states[] = {"queued",    "running",   "retrying",
                                         "delivered", "discarded", "dead"};
    const char *nearest = suggest_nearest(term->text, states, COUNT(states));

    term->state = delivery_state_parse(term->text);
    if (term->state != DELIVERY_NONE)
        return 0;
    err_code(parser->err, CODE, ERR_USAGE, "no state `%.*s`", BYTES_FMT(term->text));
    if (nearest != NULL)
        err_help(parser->err, "did you mean `is:%s`?", nearest);
    return err_help(parser->err,
                    "states: queued running retrying delivered discarded dead");
}

static int parse_type(struct parser *parser, struct query_term *term)
{
    static const char *const types[] = {"identify", "track", "page",   "screen",
                                        "group",    "alias", "delete", "request"};
    const char *nearest = suggest_nearest(term->text, types, COUNT(types));

    term->kind = event_kind_parse(term->text);
    if (term->kind != EVENT_NONE)
        return 0;
    err_code(parser->err, CODE, ERR_USAGE, "no event type `%.*s`", BYTES_FMT(term->text));
    if (nearest != NULL)
        err_help(parser->err, "did you mean `type:%s`?", nearest);
    return err_help(parser->err,
                    "types: identify track page screen group alias delete request");
}

static int parse_time(struct parser *parser, struct query_term *term)
{
    int64_t ago_ms;
    int64_t unitless;

    if (time_text_parse(term->text, &term->number))
        return 0;
    /* A number alone might be a year as well as seconds. */
    if (!bytes_to_i64(term->text, &unitless) &&
        time_text_parse_duration(term->text, &ago_ms) &&
        !__builtin_sub_overflow(parser->now_ms, ago_ms, &term->number))
        return 0;
    err_code(parser->err, CODE, ERR_USAGE, "`%.*s` is no time", BYTES_FMT(term->text));
    return err_help(parser->err, "after:2h     after:2026-09-03     "
                                 "after:2026-09-03T14:05:00Z");
}

static int parse_id(struct parser *parser, struct query_term *term)
{
    struct id id;

    if (id_parse(term->text, &id) && (id.kind == ID_EVENT || id.kind == ID_DELIVERY)) {
        term->number = id.row;
        term->id_time_ms = id.time_ms;
        term->id_kind = id.kind;
        return 0;
    }
    err_code(parser->err, CODE, ERR_USAGE, "`%.*s` is no event's or delivery's id",
             BYTES_FMT(term->text));
    return err_help(parser->err, "evt_ or dlv_, and then 26 characters");
}

static int parse_value(struct parser *parser, struct query_term *term)
{
    if (term->text.len == 0) {
        err_code(parser->err, CODE, ERR_USAGE, "`%s:` without a value",
                 prefixes[term->field - 1]);
        return err_help(parser->err, "no blank after the colon; quotes around blanks: "
                                     "event:\"Signed Up\"");
    }
    switch (term->field) {
    case QUERY_IS:
        return parse_state(parser, term);
    case QUERY_TYPE:
        return parse_type(parser, term);
    case QUERY_AFTER:
    case QUERY_BEFORE:
        return parse_time(parser, term);
    case QUERY_ID:
        return parse_id(parser, term);
    case QUERY_WORD:
    case QUERY_EVENT:
    case QUERY_USER:
    case QUERY_SUB:
    case QUERY_KEY:
    case QUERY_MESSAGE:
    case QUERY_REPLAY:
    case QUERY_ERROR:
        return 0;
    }
    return 0;
}

static int unknown_prefix(struct parser *parser, struct bytes prefix)
{
    const char *nearest = suggest_nearest(prefix, prefixes, COUNT(prefixes));

    err_code(parser->err, CODE, ERR_USAGE, "no prefix `%.*s:` in queries",
             BYTES_FMT(prefix));
    if (nearest != NULL)
        err_help(parser->err, "did you mean `%s:`?", nearest);
    err_help(parser->err, "known: " PREFIXES);
    return err_help(parser->err, "quotes look for the text itself: \"%.*s:…\"",
                    BYTES_FMT(prefix));
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

static int parse_prefixed(struct parser *parser, struct bytes prefix,
                          struct query_term *term)
{
    size_t i = 0;

    while (i < COUNT(prefixes) && !bytes_eq_nocase(prefix, bytes_str(prefixes[i])))
        i++;
    if (i == COUNT(prefixes))
        return unknown_prefix(parser, prefix);
    term->field = (enum query_field)(QUERY_IS + i);
    parser->rest = bytes_slice(parser->rest, prefix.len + 1, parser->rest.len);
    if (take_value(parser, &term->text) < 0)
        return -1;
    return parse_value(parser, term);
}

static int parse_word(struct parser *parser, struct query_term *term)
{
    bool is_quoted = parser->rest.ptr[0] == '"';

    if (take_value(parser, &term->text) < 0)
        return -1;
    if (is_quoted || !bytes_eq(term->text, BYTES("OR")))
        return 0;
    err_code(parser->err, CODE, ERR_USAGE, "OR is not known in queries");
    return err_help(parser->err,
                    "all terms must hold; \"OR\" in quotes looks for the word");
}

static int parse_term(struct parser *parser, struct query_term *term)
{
    struct bytes prefix;

    *term = (struct query_term){.field = QUERY_WORD};
    if (parser->rest.len > 1 && parser->rest.ptr[0] == '-' &&
        !is_blank(parser->rest.ptr[1])) {
        term->is_excluded = true;
        parser->rest = bytes_slice(parser->rest, 1, parser->rest.len);
    }
    prefix = prefix_of(parser->rest);
    return prefix.len > 0 ? parse_prefixed(parser, prefix, term)
                          : parse_word(parser, term);
}

static int parse_terms(struct parser *parser)
{
    struct query *query = parser->query;

    for (;;) {
        while (parser->rest.len > 0 && is_blank(parser->rest.ptr[0]))
            parser->rest = bytes_slice(parser->rest, 1, parser->rest.len);
        if (parser->rest.len == 0)
            return 0;
        if (query->n_terms == QUERY_MAX_TERMS)
            return err_code(parser->err, CODE, ERR_USAGE,
                            "more than %d terms in the query", QUERY_MAX_TERMS);
        if (parse_term(parser, &query->terms[query->n_terms]) < 0)
            return -1;
        query->n_terms++;
    }
}

int query_parse(struct bytes text, int64_t now_ms, struct query *ret_query,
                struct err *err)
{
    struct parser parser = {.query = ret_query, .now_ms = now_ms, .err = err};

    *ret_query = (struct query){0};
    arena_init(&ret_query->arena);
    if (text.len > QUERY_MAX_BYTES)
        return err_code(err, CODE, ERR_USAGE, "the query is longer than %d bytes",
                        QUERY_MAX_BYTES);
    parser.rest = bytes_of(arena_copy(&ret_query->arena, text), text.len);
    if (parse_terms(&parser) == 0)
        return 0;
    query_done(ret_query);
    return -1;
}
