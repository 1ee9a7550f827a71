/* SPDX-License-Identifier: MIT */

#include "segment/canonical.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "json/number.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/walk.h"

/*
 * Most objects are printed as they stand. One is odd when its members must leave in
 * another order or number: it has an integer-like key, or a key twice. A first pass over
 * the text finds the odd objects and the order of their members; a second one prints, and
 * in an odd object jumps from member to member. Both are linear but for the sorting, and
 * keep 16 bytes for a member at most, so that a hostile text costs little more than an
 * honest one.
 */

struct member {
    uint32_t key_at;   /* after its opening quote */
    uint32_t value_at; /* after the colon */
};

struct odd {
    uint32_t open_at; /* of its brace */
    uint32_t end_at;  /* after its closing brace */
    size_t first;     /* in layout.ordered */
    size_t n_members;
};

struct layout {
    struct bytes text;
    struct member *open; /* the members of the objects not yet closed */
    size_t n_open;
    size_t open_capacity;
    struct member *ordered; /* the members of the odd objects */
    size_t n_ordered;
    size_t ordered_capacity;
    struct odd *odds;
    size_t n_odds;
    size_t odds_capacity;
};

/* Objects up to this size are searched for duplicate keys pair by pair. */
enum { FEW_MEMBERS = 8 };

static void *grown(void *items, size_t n_wanted, size_t item_bytes, size_t *capacity)
{
    if (items != NULL && n_wanted <= *capacity)
        return items;
    while (*capacity < n_wanted)
        *capacity = *capacity > 0 ? *capacity * 2 : 64;
    return mem_grow(items, *capacity, item_bytes);
}

static struct bytes from(struct bytes text, size_t at)
{
    return bytes_of(text.ptr + at, text.len - at);
}

static struct bytes key_of(struct bytes text, struct member member)
{
    struct bytes rest = from(text, member.key_at);

    return walk_string(&rest);
}

/* 0 to 4294967294 in plain decimal, plus one; 0 for every other key. */
static uint32_t index_plus_one(struct bytes key)
{
    uint64_t index = 0;

    /* An escape costs at most six bytes for a digit. */
    if (key.len == 0 || key.len > (size_t)10 * 6)
        return 0;
    for (size_t n_digits = 0; key.len > 0; n_digits++) {
        uint32_t point = walk_point(&key);

        if (point < '0' || point > '9' || (n_digits > 0 && index == 0))
            return 0;
        index = index * 10 + (point - '0');
        if (index > UINT32_MAX - 1)
            return 0;
    }
    return (uint32_t)index + 1;
}

static int order_keys(const void *a, const void *b, void *arg)
{
    struct bytes text = *(const struct bytes *)arg;
    const struct member *left = a;
    const struct member *right = b;
    int order = walk_order(key_of(text, *left), key_of(text, *right));

    return order != 0 ? order
                      : (left->key_at > right->key_at) - (left->key_at < right->key_at);
}

/* Integer-like keys by their number, then the others by their place. */
static int order_printed(const void *a, const void *b, void *arg)
{
    struct bytes text = *(const struct bytes *)arg;
    const struct member *left = a;
    const struct member *right = b;
    /* Zero, for no index, wraps to the largest and hence comes last. */
    uint32_t left_index = index_plus_one(key_of(text, *left)) - 1;
    uint32_t right_index = index_plus_one(key_of(text, *right)) - 1;

    if (left_index != right_index)
        return left_index < right_index ? -1 : 1;
    return (left->key_at > right->key_at) - (left->key_at < right->key_at);
}

static bool same_key(struct bytes text, struct member a, struct member b)
{
    return walk_order(key_of(text, a), key_of(text, b)) == 0;
}

static bool has_duplicate_among_few(struct bytes text, const struct member *members,
                                    size_t n_members)
{
    for (size_t i = 1; i < n_members; i++) {
        for (size_t j = 0; j < i; j++) {
            if (same_key(text, members[i], members[j]))
                return true;
        }
    }
    return false;
}

static bool has_index(struct bytes text, const struct member *members, size_t n_members)
{
    for (size_t i = 0; i < n_members; i++) {
        if (index_plus_one(key_of(text, members[i])) != 0)
            return true;
    }
    return false;
}

/* Of each key the first place and the last value. Returns how many are left. */
static size_t drop_duplicates(struct bytes text, struct member *members, size_t n_members)
{
    size_t kept = 0;

    qsort_r(members, n_members, sizeof(*members), order_keys, &text);
    for (size_t i = 1; i < n_members; i++) {
        if (same_key(text, members[kept], members[i]))
            members[kept].value_at = members[i].value_at;
        else
            members[++kept] = members[i];
    }
    return kept + 1;
}

/* An object closes: if it is odd, notes the order in which its members are printed. */
static void settle(struct layout *layout, uint32_t open_at, uint32_t end_at, size_t first)
{
    struct bytes text = layout->text;
    size_t n_members = layout->n_open - first;
    struct member *members;
    size_t n_kept;
    bool is_odd;

    if (n_members == 0)
        return;
    assert(layout->open != NULL);
    is_odd = has_index(text, layout->open + first, n_members);
    if (!is_odd && n_members <= FEW_MEMBERS &&
        !has_duplicate_among_few(text, layout->open + first, n_members))
        return;
    layout->ordered = grown(layout->ordered, layout->n_ordered + n_members,
                            sizeof(*members), &layout->ordered_capacity);
    members = layout->ordered + layout->n_ordered;
    memcpy(members, layout->open + first, n_members * sizeof(*members));
    n_kept = drop_duplicates(text, members, n_members);
    if (!is_odd && n_kept == n_members)
        return;
    qsort_r(members, n_kept, sizeof(*members), order_printed, &text);
    layout->odds = grown(layout->odds, layout->n_odds + 1, sizeof(struct odd),
                         &layout->odds_capacity);
    layout->odds[layout->n_odds++] = (struct odd){.open_at = open_at,
                                                  .end_at = end_at,
                                                  .first = layout->n_ordered,
                                                  .n_members = n_kept};
    layout->n_ordered += n_kept;
}

/* A container not yet closed. */
struct level {
    uint32_t open_at;
    bool is_object;
    bool wants_key;
    size_t first; /* its members, in layout.open */
};

static void note_key(struct layout *layout, struct bytes *rest)
{
    uint32_t key_at = (uint32_t)(rest->ptr - layout->text.ptr);

    (void)walk_string(rest);
    walk_space(rest);
    *rest = bytes_slice(*rest, 1, rest->len);
    layout->open = grown(layout->open, layout->n_open + 1, sizeof(struct member),
                         &layout->open_capacity);
    layout->open[layout->n_open++] = (struct member){
        .key_at = key_at, .value_at = (uint32_t)(rest->ptr - layout->text.ptr)};
}

static int order_odds(const void *a, const void *b)
{
    const struct odd *left = a;
    const struct odd *right = b;

    return (left->open_at > right->open_at) - (left->open_at < right->open_at);
}

/* The containers around the present place; the lowest one holds the root. */
struct levels {
    struct level stack[SCAN_DEPTH + 1];
    size_t depth;
};

static void note_open(const struct layout *layout, struct levels *levels, uint32_t at)
{
    bool is_object = layout->text.ptr[at] == '{';

    assert(levels->depth < SCAN_DEPTH);
    levels->stack[++levels->depth] = (struct level){.open_at = at,
                                                    .is_object = is_object,
                                                    .wants_key = is_object,
                                                    .first = layout->n_open};
}

static void note_close(struct layout *layout, struct levels *levels, uint32_t end_at)
{
    const struct level *level = &levels->stack[levels->depth];

    assert(levels->depth > 0);
    levels->depth--;
    if (!level->is_object)
        return;
    settle(layout, level->open_at, end_at, level->first);
    layout->n_open = level->first;
}

static void note_token(struct layout *layout, struct levels *levels, struct bytes *rest)
{
    uint32_t at = (uint32_t)(rest->ptr - layout->text.ptr);
    struct level *level = &levels->stack[levels->depth];

    *rest = from(*rest, 1);
    switch (layout->text.ptr[at]) {
    case '{':
    case '[':
        note_open(layout, levels, at);
        return;
    case '}':
    case ']':
        note_close(layout, levels, at + 1);
        return;
    case ',':
        level->wants_key = level->is_object;
        return;
    case '"':
        if (level->wants_key)
            note_key(layout, rest);
        else
            (void)walk_string(rest);
        level->wants_key = false;
        return;
    default: /* white space, or a part of a scalar */
        return;
    }
}

static void lay_out(struct layout *layout)
{
    struct levels levels = {0};
    struct bytes rest = layout->text;

    while (rest.len > 0)
        note_token(layout, &levels, &rest);
    if (layout->n_odds > 0)
        qsort(layout->odds, layout->n_odds, sizeof(struct odd), order_odds);
}

/* An odd object under print. */
struct jump {
    const struct odd *odd;
    size_t n_printed;
    size_t depth; /* of its members */
};

struct printer {
    const struct layout *layout;
    struct bytes rest;
    struct buf *out;
    size_t depth;
    struct jump jumps[SCAN_DEPTH];
    size_t n_jumps;
};

static void print_string(struct printer *printer, struct bytes inside)
{
    struct buf *out = printer->out;

    (void)buf_add_char(out, '"');
    while (inside.len > 0) {
        size_t plain = bytes_index(inside, '\\');
        char text[TEXT_ESCAPE_MAX];
        uint32_t point;
        size_t len;

        (void)buf_add(out, bytes_of(inside.ptr, plain));
        inside = from(inside, plain);
        if (inside.len == 0)
            break;
        point = walk_point(&inside);
        len = text_escape(point, text);
        (void)buf_add(out, bytes_of(text, len > 0 ? len : text_encode(point, text)));
    }
    (void)buf_add_char(out, '"');
}

static const struct odd *find_odd(const struct layout *layout, size_t open_at)
{
    struct odd wanted = {.open_at = (uint32_t)open_at};

    if (layout->n_odds == 0)
        return NULL;
    return bsearch(&wanted, layout->odds, layout->n_odds, sizeof(struct odd), order_odds);
}

/* Goes to the odd object's next member, or after its end. */
static void jump_on(struct printer *printer)
{
    struct jump *jump = &printer->jumps[printer->n_jumps - 1];
    struct bytes text = printer->layout->text;
    struct member member;

    if (jump->n_printed == jump->odd->n_members) {
        (void)buf_add_char(printer->out, '}');
        printer->rest = from(text, jump->odd->end_at);
        printer->n_jumps--;
        printer->depth--;
        return;
    }
    member = printer->layout->ordered[jump->odd->first + jump->n_printed];
    if (jump->n_printed++ > 0)
        (void)buf_add_char(printer->out, ',');
    print_string(printer, key_of(text, member));
    (void)buf_add_char(printer->out, ':');
    printer->rest = from(text, member.value_at);
}

static void print_open(struct printer *printer, char bracket)
{
    size_t at = (size_t)(printer->rest.ptr - printer->layout->text.ptr) - 1;
    const struct odd *odd = bracket == '{' ? find_odd(printer->layout, at) : NULL;

    (void)buf_add_char(printer->out, bracket);
    printer->depth++;
    if (odd == NULL)
        return;
    printer->jumps[printer->n_jumps++] =
        (struct jump){.odd = odd, .depth = printer->depth};
    jump_on(printer);
}

/* A comma, or a closing bracket: in an odd object both only end a member. */
static void print_between(struct printer *printer, char c)
{
    if (printer->n_jumps > 0 &&
        printer->jumps[printer->n_jumps - 1].depth == printer->depth) {
        jump_on(printer);
        return;
    }
    (void)buf_add_char(printer->out, c);
    printer->depth -= c != ',';
}

static void print_number(struct printer *printer)
{
    char text[NUMBER_TEXT_MAX];
    size_t len = number_canonical(walk_scalar(&printer->rest), text);

    (void)buf_add(printer->out, bytes_of(text, len));
}

static void print_token(struct printer *printer)
{
    char c = printer->rest.ptr[0];

    if (c == '-' || (c >= '0' && c <= '9')) {
        print_number(printer);
        return;
    }
    printer->rest = from(printer->rest, 1);
    switch (c) {
    case '"':
        print_string(printer, walk_string(&printer->rest));
        return;
    case '{':
    case '[':
        print_open(printer, c);
        return;
    case ',':
    case '}':
    case ']':
        print_between(printer, c);
        return;
    default: /* a colon, or a letter of true, false, null */
        (void)buf_add_char(printer->out, c);
        return;
    }
}

static void print_text(const struct layout *layout, struct buf *ret_text)
{
    struct printer printer = {.layout = layout, .rest = layout->text, .out = ret_text};

    for (walk_space(&printer.rest); printer.rest.len > 0 && !ret_text->full;
         walk_space(&printer.rest))
        print_token(&printer);
}

bool canonical_print(struct bytes text, struct buf *ret_text)
{
    struct layout layout = {.text = text};

    if (bytes_starts(text, BYTES("\xef\xbb\xbf")))
        layout.text = from(text, 3);
    if (layout.text.len > UINT32_MAX)
        return false;
    lay_out(&layout);
    print_text(&layout, ret_text);
    free(layout.open);
    free(layout.ordered);
    free(layout.odds);
    return !ret_text->full;
}
