/* SPDX-License-Identifier: MIT */

/* The first half of segment/filter: conditions are read. */

#include "segment/filter_expr.h"

#include <stdio.h>

#include "segment/filter_path.h"
#include "json/number.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/walk.h"

struct parser {
    struct bytes rest;
    size_t n_bytes; /* of the whole condition */
    size_t depth;
    struct arena *arena;
    const char *fault; /* what is wrong, once something is */
    size_t fault_at;
};

static struct filter_expr *fail(struct parser *parser, const char *fault)
{
    if (parser->fault == NULL) {
        parser->fault = fault;
        parser->fault_at = parser->n_bytes - parser->rest.len;
    }
    return NULL;
}

static void drop(struct parser *parser, size_t len)
{
    parser->rest = bytes_slice(parser->rest, len, parser->rest.len);
}

/* What stands there after white space; NUL at the end. */
static char peek(struct parser *parser)
{
    while (parser->rest.len > 0 && bytes_index(BYTES(" \t\r\n"), parser->rest.ptr[0]) < 4)
        drop(parser, 1);
    return parser->rest.len > 0 ? parser->rest.ptr[0] : '\0';
}

static bool take_sign(struct parser *parser, struct bytes sign)
{
    (void)peek(parser);
    if (!bytes_starts(parser->rest, sign))
        return false;
    drop(parser, sign.len);
    return true;
}

/* A keyword, function, number or path: all up to white space or a sign. */
static struct bytes peek_word(struct parser *parser)
{
    const struct bytes signs = BYTES("()!=<>,\"");
    size_t len = 0;

    (void)peek(parser);
    while (len < parser->rest.len) {
        char c = parser->rest.ptr[len];

        if ((uint8_t)c <= ' ' || c == 0x7f || bytes_index(signs, c) < signs.len)
            break;
        len += c == '\\' ? 2 : 1;
    }
    return bytes_slice(parser->rest, 0, len);
}

static bool take_word(struct parser *parser, struct bytes word)
{
    if (!bytes_eq_nocase(peek_word(parser), word))
        return false;
    drop(parser, word.len);
    return true;
}

static struct filter_expr *new_expr(struct parser *parser, enum filter_op op)
{
    struct filter_expr *expr = arena_new(parser->arena, struct filter_expr);

    expr->op = op;
    return expr;
}

static struct filter_expr *parse_or(struct parser *parser);
static struct filter_expr *parse_value(struct parser *parser);

/* Counts a level around what @parse takes. */
static struct filter_expr *parse_deeper(struct parser *parser,
                                        struct filter_expr *(*parse)(struct parser *))
{
    struct filter_expr *expr;

    if (parser->depth == FILTER_MAX_DEPTH)
        return fail(parser, "nested too deeply");
    parser->depth++;
    expr = parse(parser);
    parser->depth--;
    return expr;
}

static struct bytes keep_meaning(struct bytes inside, struct arena *arena)
{
    struct bytes kept;
    struct buf meaning;

    if (bytes_index(inside, '\\') == inside.len)
        return inside;
    buf_init(&meaning, inside.len);
    (void)scan_unescape(inside, &meaning); /* never longer than what it is made of */
    kept = bytes_of(arena_copy(arena, buf_bytes(&meaning)), meaning.len);
    buf_done(&meaning);
    return kept;
}

static struct filter_expr *parse_text(struct parser *parser)
{
    struct bytes rest = bytes_slice(parser->rest, 1, parser->rest.len);
    struct bytes inside = walk_string(&rest);
    struct bytes text = bytes_slice(parser->rest, 0, parser->rest.len - rest.len);
    struct filter_expr *expr;
    struct scan_span root;
    struct scan_fault fault;

    if (!scan_json(text, NULL, &root, &fault))
        return fail(parser, "expected a text");
    expr = new_expr(parser, FILTER_OP_TEXT);
    expr->text = keep_meaning(inside, parser->arena);
    parser->rest = rest;
    return expr;
}

static struct filter_expr *parse_number(struct parser *parser, struct bytes word)
{
    struct filter_expr *expr;
    struct scan_span root;
    struct scan_fault fault;

    if (!scan_json(word, NULL, &root, &fault))
        return fail(parser, "expected a value");
    drop(parser, word.len);
    expr = new_expr(parser, FILTER_OP_NUMBER);
    expr->number = number_parse(word);
    return expr;
}

static const struct {
    struct bytes name;
    enum filter_op op;
    size_t n_arguments;
} functions[] = {
    {BYTES("contains"), FILTER_OP_CONTAINS, 2},   {BYTES("match"), FILTER_OP_MATCH, 2},
    {BYTES("length"), FILTER_OP_LENGTH, 1},       {BYTES("typeof"), FILTER_OP_TYPEOF, 1},
    {BYTES("lowercase"), FILTER_OP_LOWERCASE, 1},
};

/* @parser is at the opening bracket. */
static struct filter_expr *parse_arguments(struct parser *parser, size_t function)
{
    struct filter_expr *call = new_expr(parser, functions[function].op);
    struct filter_expr **link = &call->first;

    drop(parser, 1);
    for (size_t i = 0; i < functions[function].n_arguments; i++) {
        if (i > 0 && !take_sign(parser, BYTES(",")))
            return fail(parser, "expected ','");
        *link = parse_deeper(parser, parse_value);
        if (*link == NULL)
            return NULL;
        link = &(*link)->next;
    }
    return take_sign(parser, BYTES(")")) ? call : fail(parser, "expected ')'");
}

static struct filter_expr *parse_call(struct parser *parser, struct bytes word)
{
    size_t function = 0;

    while (function < COUNT(functions) &&
           !bytes_eq_nocase(functions[function].name, word))
        function++;
    if (function == COUNT(functions))
        return fail(parser, "expected a function");
    drop(parser, word.len);
    (void)peek(parser);
    return parse_arguments(parser, function);
}

static bool is_call(const struct parser *parser, struct bytes word)
{
    struct parser ahead = *parser;

    drop(&ahead, word.len);
    return peek(&ahead) == '(';
}

static struct filter_expr *parse_path(struct parser *parser, struct bytes word)
{
    struct filter_expr *expr;

    if (bytes_eq_nocase(word, BYTES("and")) || bytes_eq_nocase(word, BYTES("or")))
        return fail(parser, "expected a value");
    if (!filter_path_is(word))
        return fail(parser, "expected a path");
    drop(parser, word.len);
    expr = new_expr(parser, FILTER_OP_PATH);
    expr->text = word;
    return expr;
}

static struct filter_expr *parse_word(struct parser *parser)
{
    static const struct {
        struct bytes word;
        enum filter_op op;
    } constants[] = {{BYTES("all"), FILTER_OP_TRUE},
                     {BYTES("true"), FILTER_OP_TRUE},
                     {BYTES("false"), FILTER_OP_FALSE},
                     {BYTES("null"), FILTER_OP_NULL}};
    struct bytes word = peek_word(parser);

    if (word.len == 0)
        return fail(parser, "expected a value");
    if (word.ptr[0] == '-' || (word.ptr[0] >= '0' && word.ptr[0] <= '9'))
        return parse_number(parser, word);
    if (is_call(parser, word))
        return parse_call(parser, word);
    for (size_t i = 0; i < COUNT(constants); i++) {
        if (take_word(parser, constants[i].word))
            return new_expr(parser, constants[i].op);
    }
    return parse_path(parser, word);
}

static struct filter_expr *parse_value(struct parser *parser)
{
    struct filter_expr *expr;

    if (peek(parser) == '"')
        return parse_text(parser);
    if (peek(parser) != '(')
        return parse_word(parser);
    drop(parser, 1);
    expr = parse_deeper(parser, parse_or);
    if (expr == NULL)
        return NULL;
    return take_sign(parser, BYTES(")")) ? expr : fail(parser, "expected ')'");
}

static struct filter_expr *parse_compare(struct parser *parser)
{
    /* The longer sign first. */
    static const struct {
        struct bytes sign;
        enum filter_op op;
    } signs[] = {{BYTES("!="), FILTER_OP_UNEQUAL}, {BYTES(">="), FILTER_OP_AT_LEAST},
                 {BYTES("<="), FILTER_OP_AT_MOST}, {BYTES("="), FILTER_OP_EQUAL},
                 {BYTES(">"), FILTER_OP_MORE},     {BYTES("<"), FILTER_OP_LESS}};
    struct filter_expr *left = parse_value(parser);
    struct filter_expr *expr;
    size_t i = 0;

    if (left == NULL)
        return NULL;
    while (i < COUNT(signs) && !take_sign(parser, signs[i].sign))
        i++;
    if (i == COUNT(signs))
        return left;
    expr = new_expr(parser, signs[i].op);
    expr->first = left;
    left->next = parse_value(parser);
    return left->next != NULL ? expr : NULL;
}

static struct filter_expr *parse_not(struct parser *parser)
{
    struct filter_expr *expr;

    if (peek(parser) != '!')
        return parse_compare(parser);
    drop(parser, 1);
    expr = new_expr(parser, FILTER_OP_NOT);
    expr->first = parse_deeper(parser, parse_not);
    return expr->first != NULL ? expr : NULL;
}

/* A list and no tree of pairs, so that a long chain is no deep one. */
static struct filter_expr *parse_chain(struct parser *parser, enum filter_op op,
                                       struct bytes word,
                                       struct filter_expr *(*parse)(struct parser *))
{
    struct filter_expr *first = parse(parser);
    struct filter_expr *last = first;
    struct filter_expr *chain;

    if (first == NULL || !take_word(parser, word))
        return first;
    chain = new_expr(parser, op);
    chain->first = first;
    do {
        last->next = parse(parser);
        last = last->next;
    } while (last != NULL && take_word(parser, word));
    return last != NULL ? chain : NULL;
}

static struct filter_expr *parse_and(struct parser *parser)
{
    return parse_chain(parser, FILTER_OP_AND, BYTES("and"), parse_not);
}

static struct filter_expr *parse_or(struct parser *parser)
{
    return parse_chain(parser, FILTER_OP_OR, BYTES("or"), parse_and);
}

static bool check_utf8(struct parser *parser)
{
    struct bytes all = parser->rest;

    while (parser->rest.len > 0) {
        size_t len = text_sequence_len(parser->rest.ptr, parser->rest.len);

        if (len == 0)
            return fail(parser, "expected UTF-8") != NULL;
        drop(parser, len);
    }
    parser->rest = all;
    return true;
}

static struct filter_expr *parse_all(struct parser *parser)
{
    struct filter_expr *expr;

    if (!check_utf8(parser))
        return NULL;
    if (peek(parser) == '\0' && parser->rest.len == 0)
        return new_expr(parser, FILTER_OP_TRUE);
    expr = parse_or(parser);
    if (expr == NULL)
        return NULL;
    (void)peek(parser);
    return parser->rest.len == 0 ? expr : fail(parser, "expected the end");
}

struct filter_expr *filter_parse(struct bytes text, struct arena *arena,
                                 char ret_why[128])
{
    struct parser parser = {.arena = arena, .n_bytes = text.len};
    struct filter_expr *expr;

    ret_why[0] = '\0';
    if (text.len > FILTER_MAX_BYTES) {
        snprintf(ret_why, 128, "longer than %d bytes", FILTER_MAX_BYTES);
        return NULL;
    }
    parser.rest = bytes_of(arena_copy(arena, text), text.len);
    expr = parse_all(&parser);
    if (expr == NULL)
        snprintf(ret_why, 128, "%s at %zu", parser.fault, parser.fault_at);
    return expr;
}
