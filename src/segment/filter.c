/* SPDX-License-Identifier: MIT */

/* The second half of segment/filter: conditions are worked out. */

#include "segment/filter.h"

#include "segment/filter_expr.h"
#include "segment/filter_path.h"
#include "json/number.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/walk.h"

struct value {
    enum scan_kind kind;
    struct bytes text; /* of a text its meaning, of a list what was sent */
    double number;
};

/* What one condition is worked out with. Unescaped and lower-cased texts live in the
 * arena; there are no more of them than the condition has functions and paths. */
struct work {
    struct bytes event;
    struct arena arena;
};

static struct value work_out(struct work *work, const struct filter_expr *expr);

static struct value null_value(void)
{
    return (struct value){.kind = SCAN_NULL};
}

static struct value bool_value(bool is_true)
{
    return (struct value){.kind = is_true ? SCAN_TRUE : SCAN_FALSE};
}

static struct value text_value(struct bytes text)
{
    return (struct value){.kind = SCAN_STRING, .text = text};
}

static struct value number_value(double number)
{
    return (struct value){.kind = SCAN_NUMBER, .number = number};
}

static struct bytes unescaped(struct work *work, struct bytes inside)
{
    struct buf meaning;
    struct bytes kept;

    buf_init(&meaning, inside.len);
    (void)scan_unescape(inside, &meaning); /* never longer than what it is made of */
    kept = bytes_of(arena_copy(&work->arena, buf_bytes(&meaning)), meaning.len);
    buf_done(&meaning);
    return kept;
}

static struct value at_path(struct work *work, struct bytes path)
{
    struct scan_span found;
    struct value value;

    if (!filter_path_find(work->event, path, &found))
        return null_value();
    value = (struct value){.kind = found.kind, .text = found.text};
    if (found.kind == SCAN_NUMBER)
        value.number = number_parse(found.text);
    if (found.kind == SCAN_STRING)
        value.text =
            found.has_escape ? unescaped(work, scan_inside(&found)) : scan_inside(&found);
    return value;
}

static bool is_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case SCAN_NULL:
    case SCAN_FALSE:
    case SCAN_TRUE:
        return true;
    case SCAN_NUMBER:
        return a->number == b->number;
    case SCAN_STRING:
        return bytes_eq(a->text, b->text);
    case SCAN_NONE:
    case SCAN_ARRAY:
    case SCAN_OBJECT:
        break;
    }
    return false;
}

/* False when the two have no order; else it is in *ret_order, as memcmp says it. */
static bool find_order(const struct value *a, const struct value *b, int *ret_order)
{
    if (a->kind == SCAN_NUMBER && b->kind == SCAN_NUMBER)
        *ret_order = (a->number > b->number) - (a->number < b->number);
    else if (a->kind == SCAN_STRING && b->kind == SCAN_STRING)
        *ret_order = bytes_cmp(a->text, b->text); /* UTF-8 sorts as its code points do */
    else
        return false;
    return true;
}

static bool compares(enum filter_op op, const struct value *a, const struct value *b)
{
    int order;

    if (op == FILTER_OP_EQUAL)
        return is_equal(a, b);
    if (op == FILTER_OP_UNEQUAL)
        return !is_equal(a, b);
    if (!find_order(a, b, &order))
        return false;
    if (op == FILTER_OP_LESS)
        return order < 0;
    if (op == FILTER_OP_AT_MOST)
        return order <= 0;
    return op == FILTER_OP_MORE ? order > 0 : order >= 0;
}

static size_t character_len(struct bytes text, size_t at)
{
    size_t len = text_sequence_len(text.ptr + at, text.len - at);

    return len > 0 ? len : 1;
}

/* How many bytes of the text the glob's next character takes; 0: it does not fit. */
static size_t fitting_len(struct bytes text, size_t at, struct bytes glob, size_t in_glob)
{
    if (in_glob == glob.len)
        return 0;
    if (glob.ptr[in_glob] == '?')
        return character_len(text, at);
    return glob.ptr[in_glob] == text.ptr[at] ? 1 : 0;
}

/*
 * Only the last '*' is ever taken up again: what an earlier one could swallow more, the
 * later one can as well. So the work is the product of the lengths at worst.
 */
static bool matches(struct bytes text, struct bytes glob)
{
    size_t at = 0;
    size_t in_glob = 0;
    size_t retry_at = 0;
    size_t retry_glob = 0; /* after the last '*'; 0: there was none */

    while (at < text.len) {
        size_t len;

        if (in_glob < glob.len && glob.ptr[in_glob] == '*') {
            retry_glob = ++in_glob;
            retry_at = at;
            continue;
        }
        len = fitting_len(text, at, glob, in_glob);
        if (len == 0 && retry_glob == 0)
            return false;
        if (len == 0) {
            retry_at += character_len(text, retry_at);
            at = retry_at;
            in_glob = retry_glob;
            continue;
        }
        at += len;
        in_glob++;
    }
    while (in_glob < glob.len && glob.ptr[in_glob] == '*')
        in_glob++;
    return in_glob == glob.len;
}

static size_t count_characters(struct bytes text)
{
    size_t n = 0;

    for (size_t at = 0; at < text.len; n++)
        at += character_len(text, at);
    return n;
}

static size_t count_elements(struct bytes list)
{
    struct bytes rest = bytes_slice(list, 1, list.len);
    size_t n = 0;

    for (walk_space(&rest); rest.len > 0 && rest.ptr[0] != ']'; walk_space(&rest)) {
        if (rest.ptr[0] == ',') {
            rest = bytes_slice(rest, 1, rest.len);
            continue;
        }
        (void)walk_value(&rest);
        n++;
    }
    return n;
}

static struct value length_of(const struct value *value)
{
    if (value->kind == SCAN_STRING)
        return number_value((double)count_characters(value->text));
    if (value->kind == SCAN_ARRAY)
        return number_value((double)count_elements(value->text));
    return null_value();
}

/* Those capitals only whose small letter is as long in UTF-8. */
static uint32_t small_letter(uint32_t point)
{
    if ((point >= 'A' && point <= 'Z') ||
        (point >= 0xc0 && point <= 0xde && point != 0xd7) ||
        (point >= 0x391 && point <= 0x3a9) || (point >= 0x410 && point <= 0x42f))
        return point + 0x20;
    return point >= 0x400 && point <= 0x40f ? point + 0x50 : point;
}

static struct value lowercase(struct work *work, const struct value *value)
{
    struct bytes rest = value->text;
    char *lower;
    size_t len = 0;

    if (value->kind != SCAN_STRING)
        return null_value();
    lower = arena_copy(&work->arena, rest);
    while (rest.len > 0)
        len += text_encode(small_letter(text_take_point(&rest)), lower + len);
    return text_value(bytes_of(lower, len));
}

static struct value name_kind(enum scan_kind kind)
{
    switch (kind) {
    case SCAN_FALSE:
    case SCAN_TRUE:
        return text_value(BYTES("boolean"));
    case SCAN_NUMBER:
        return text_value(BYTES("number"));
    case SCAN_STRING:
        return text_value(BYTES("string"));
    case SCAN_ARRAY:
        return text_value(BYTES("array"));
    case SCAN_OBJECT:
        return text_value(BYTES("object"));
    case SCAN_NONE:
    case SCAN_NULL:
        break;
    }
    return text_value(BYTES("null"));
}

static bool is_true(struct work *work, const struct filter_expr *expr)
{
    return work_out(work, expr).kind == SCAN_TRUE;
}

/* Goes on until a part is @wanted. */
static bool any_is(struct work *work, const struct filter_expr *chain, bool wanted)
{
    const struct filter_expr *part = chain->first;

    while (part != NULL && is_true(work, part) != wanted)
        part = part->next;
    return part != NULL;
}

static struct value work_out_one(struct work *work, const struct filter_expr *expr)
{
    struct value value = work_out(work, expr->first);

    if (expr->op == FILTER_OP_LENGTH)
        return length_of(&value);
    if (expr->op == FILTER_OP_LOWERCASE)
        return lowercase(work, &value);
    return name_kind(value.kind);
}

static struct value work_out_two(struct work *work, const struct filter_expr *expr)
{
    struct value a = work_out(work, expr->first);
    struct value b = work_out(work, expr->first->next);
    bool are_texts = a.kind == SCAN_STRING && b.kind == SCAN_STRING;

    if (expr->op == FILTER_OP_MATCH)
        return bool_value(are_texts && matches(a.text, b.text));
    if (expr->op == FILTER_OP_CONTAINS)
        return bool_value(are_texts &&
                          (b.text.len == 0 || bytes_find(a.text, b.text) < a.text.len));
    return bool_value(compares(expr->op, &a, &b));
}

/* Recursion is bounded: what is parsed nests FILTER_MAX_DEPTH at most. */
static struct value work_out(struct work *work, const struct filter_expr *expr)
{
    switch (expr->op) {
    case FILTER_OP_NULL:
        return null_value();
    case FILTER_OP_FALSE:
    case FILTER_OP_TRUE:
        return bool_value(expr->op == FILTER_OP_TRUE);
    case FILTER_OP_NUMBER:
        return number_value(expr->number);
    case FILTER_OP_TEXT:
        return text_value(expr->text);
    case FILTER_OP_PATH:
        return at_path(work, expr->text);
    case FILTER_OP_OR:
        return bool_value(any_is(work, expr, true));
    case FILTER_OP_AND:
        return bool_value(!any_is(work, expr, false));
    case FILTER_OP_NOT:
        return bool_value(!is_true(work, expr->first));
    case FILTER_OP_LENGTH:
    case FILTER_OP_LOWERCASE:
    case FILTER_OP_TYPEOF:
        return work_out_one(work, expr);
    case FILTER_OP_EQUAL:
    case FILTER_OP_UNEQUAL:
    case FILTER_OP_LESS:
    case FILTER_OP_AT_MOST:
    case FILTER_OP_MORE:
    case FILTER_OP_AT_LEAST:
    case FILTER_OP_CONTAINS:
    case FILTER_OP_MATCH:
        break;
    }
    return work_out_two(work, expr);
}

bool filter_holds(const struct filter_expr *expr, struct bytes event)
{
    struct work work = {.event = event};
    bool holds;

    arena_init(&work.arena);
    holds = is_true(&work, expr);
    arena_done(&work.arena);
    return holds;
}
