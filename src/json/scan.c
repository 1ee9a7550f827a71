/* SPDX-License-Identifier: MIT */

#include "json/scan.h"

#include "json/text.h"

/*
 * A machine without recursion, so that nesting costs a bit and not a stack frame:
 *
 *   VALUE -> FIRST (a container opens) | NEXT (a scalar, or a container closes) | DONE
 *   FIRST -> KEY | VALUE | NEXT | DONE (it is empty)
 *   KEY   -> VALUE
 *   NEXT  -> KEY | VALUE (a comma) | NEXT | DONE (a container closes)
 */
enum step {
    STEP_FAULT = 0,
    STEP_VALUE,
    STEP_FIRST,
    STEP_KEY,
    STEP_NEXT,
    STEP_DONE,
};

struct scanner {
    const char *at;
    const char *end;
    const char *why;
    size_t depth;
    size_t
        top; /* the depth of what is scanned: the root's, or an element's of an array */
    uint64_t is_object[SCAN_DEPTH / 64]; /* a bit for each open container */
    const char *start[2]; /* of what is scanned, and of its part under way */
    size_t n_elements;
    struct scan_member member; /* under way */
    const struct scan_visitor *visitor;
    struct scan_span *ret_root;
};

static enum step fault(struct scanner *s, const char *at, const char *why)
{
    s->at = at;
    s->why = why;
    return STEP_FAULT;
}

static bool in_object(const struct scanner *s)
{
    size_t top = s->depth - 1;

    return (s->is_object[top / 64] >> (top % 64) & 1) != 0;
}

static void visit_part(struct scanner *s, const struct scan_span *part)
{
    if (s->visitor == NULL)
        return;
    if (!in_object(s)) {
        if (s->visitor->element != NULL)
            s->visitor->element(s->visitor->arg, s->n_elements, part);
        s->n_elements++;
        return;
    }
    if (s->visitor->member == NULL)
        return;
    s->member.value = *part;
    s->visitor->member(s->visitor->arg, &s->member);
}

/* A value ends at s->at. */
static enum step value_done(struct scanner *s, enum scan_kind kind, bool has_escape)
{
    struct scan_span span = {.kind = kind, .has_escape = has_escape};
    const char *start;

    if (s->depth > s->top + 1)
        return STEP_NEXT;
    if (s->depth < s->top) /* there was no element any more */
        return STEP_DONE;
    start = s->start[s->depth - s->top];
    span.text = bytes_of(start, (size_t)(s->at - start));
    if (s->depth > s->top) {
        visit_part(s, &span);
        return STEP_NEXT;
    }
    *s->ret_root = span;
    return STEP_DONE;
}

static enum step open_container(struct scanner *s, bool is_object)
{
    uint64_t bit = UINT64_C(1) << (s->depth % 64);

    if (s->depth == SCAN_DEPTH)
        return fault(s, s->at, "nested too deeply");
    if (is_object)
        s->is_object[s->depth / 64] |= bit;
    else
        s->is_object[s->depth / 64] &= ~bit;
    s->depth++;
    s->at++;
    return STEP_FIRST;
}

static enum step close_container(struct scanner *s)
{
    enum scan_kind kind = in_object(s) ? SCAN_OBJECT : SCAN_ARRAY;

    s->depth--;
    s->at++;
    return value_done(s, kind, false);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The length of the escape at @ptr, whose first byte is a backslash; 0: it is none. */
static size_t escape_len(const char *ptr, size_t len)
{
    if (len < 2)
        return 0;
    if (ptr[1] != 'u')
        return bytes_index(BYTES("\"\\/bfnrt"), ptr[1]) < 8 ? 2 : 0;
    if (len < 6)
        return 0;
    return is_hex(ptr[2]) && is_hex(ptr[3]) && is_hex(ptr[4]) && is_hex(ptr[5]) ? 6 : 0;
}

/* Moves from the opening quote to after the closing one. */
static bool take_string(struct scanner *s, bool *ret_has_escape)
{
    const char *at = s->at + 1;
    size_t len;

    *ret_has_escape = false;
    for (;; at += len) {
        at += text_plain_len(at, (size_t)(s->end - at));
        if (at == s->end)
            return fault(s, at, "string without end") != STEP_FAULT;
        if (*at == '"')
            break;
        if ((uint8_t)*at < 0x20)
            return fault(s, at, "control character in a string") != STEP_FAULT;
        *ret_has_escape |= *at == '\\';
        len = *at == '\\' ? escape_len(at, (size_t)(s->end - at))
                          : text_sequence_len(at, (size_t)(s->end - at));
        if (len == 0)
            return fault(s, at, *at == '\\' ? "bad escape" : "not UTF-8") != STEP_FAULT;
    }
    s->at = at + 1;
    return true;
}

static const char *after_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* Moves over @text's digits; false when there is none. */
static bool take_digits(struct scanner *s)
{
    const char *after = after_digits(s->at, s->end);
    bool some = after > s->at;

    s->at = after;
    return some;
}

static bool take_char(struct scanner *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static enum step take_number(struct scanner *s)
{
    bool negative = take_char(s, '-');

    if (!take_char(s, '0') && !take_digits(s))
        return fault(s, s->at, negative ? "digit expected" : "value expected");
    if (take_char(s, '.') && !take_digits(s))
        return fault(s, s->at, "digit expected");
    if (take_char(s, 'e') || take_char(s, 'E')) {
        if (!take_char(s, '-'))
            (void)take_char(s, '+');
        if (!take_digits(s))
            return fault(s, s->at, "digit expected");
    }
    return value_done(s, SCAN_NUMBER, false);
}

static enum step take_word(struct scanner *s, struct bytes word, enum scan_kind kind)
{
    if ((size_t)(s->end - s->at) < word.len || memcmp(s->at, word.ptr, word.len) != 0)
        return fault(s, s->at, "value expected");
    s->at += word.len;
    return value_done(s, kind, false);
}

static enum step take_value(struct scanner *s)
{
    bool has_escape;

    if (s->depth <= s->top + 1)
        s->start[s->depth - s->top] = s->at;
    switch (*s->at) {
    case '"':
        return take_string(s, &has_escape) ? value_done(s, SCAN_STRING, has_escape)
                                           : STEP_FAULT;
    case '{':
        return open_container(s, true);
    case '[':
        return open_container(s, false);
    case 't':
        return take_word(s, BYTES("true"), SCAN_TRUE);
    case 'f':
        return take_word(s, BYTES("false"), SCAN_FALSE);
    case 'n':
        return take_word(s, BYTES("null"), SCAN_NULL);
    default:
        return take_number(s);
    }
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static enum step take_key(struct scanner *s)
{
    const char *start = s->at + 1;
    bool has_escape;

    if (*s->at != '"')
        return fault(s, s->at, "key expected");
    if (!take_string(s, &has_escape))
        return STEP_FAULT;
    if (s->depth == s->top + 1) {
        s->member.key = bytes_of(start, (size_t)(s->at - 1 - start));
        s->member.key_has_escape = has_escape;
    }
    skip_space(s);
    return take_char(s, ':') ? STEP_VALUE : fault(s, s->at, "colon expected");
}

static enum step take_first(struct scanner *s)
{
    if (*s->at == (in_object(s) ? '}' : ']'))
        return close_container(s);
    return in_object(s) ? STEP_KEY : STEP_VALUE;
}

static enum step take_next(struct scanner *s)
{
    if (*s->at == ',') {
        s->at++;
        return in_object(s) ? STEP_KEY : STEP_VALUE;
    }
    if (*s->at == (in_object(s) ? '}' : ']'))
        return close_container(s);
    return fault(s, s->at, in_object(s) ? "comma or } expected" : "comma or ] expected");
}

/* Every step finds a byte at s->at that is no white space. */
static enum step take_step(struct scanner *s, enum step step)
{
    skip_space(s);
    if (s->at == s->end)
        return fault(s, s->at, s->depth > 0 ? "ends too early" : "value expected");
    switch (step) {
    case STEP_VALUE:
        return take_value(s);
    case STEP_FIRST:
        return take_first(s);
    case STEP_KEY:
        return take_key(s);
    case STEP_NEXT:
        return take_next(s);
    case STEP_FAULT:
    case STEP_DONE:
        break;
    }
    return step;
}

static enum step take_steps(struct scanner *s, enum step step)
{
    while (step != STEP_DONE && step != STEP_FAULT)
        step = take_step(s, step);
    return step;
}

/* Nothing but white space may follow. */
static enum step take_end(struct scanner *s)
{
    skip_space(s);
    return s->at < s->end ? fault(s, s->at, "text after the value") : STEP_DONE;
}

static const char *after_mark(struct bytes text)
{
    return bytes_starts(text, BYTES("\xef\xbb\xbf")) ? text.ptr + 3 : text.ptr;
}

static struct bytes no_null(struct bytes text)
{
    return text.ptr != NULL ? text : BYTES("");
}

bool scan_json(struct bytes text, const struct scan_visitor *visitor,
               struct scan_span *ret_root, struct scan_fault *ret_fault)
{
    const struct bytes whole = no_null(text);
    struct scanner s = {.at = after_mark(whole),
                        .end = whole.ptr + whole.len,
                        .visitor = visitor,
                        .ret_root = ret_root};

    if (take_steps(&s, STEP_VALUE) == STEP_DONE && take_end(&s) == STEP_DONE)
        return true;
    *ret_fault = (struct scan_fault){.offset = (size_t)(s.at - whole.ptr), .why = s.why};
    return false;
}

/* --- an array, element by element ----------------------------------------------------
 */

static bool end_array(struct scan_array *array, const struct scanner *s, enum step step)
{
    array->is_over = true;
    if (step == STEP_FAULT)
        array->fault = (struct scan_fault){.offset = (size_t)(s->at - array->text.ptr),
                                           .why = s->why};
    return false;
}

void scan_array_init(struct scan_array *array, struct bytes text)
{
    struct scanner s;

    *array = (struct scan_array){.text = no_null(text)};
    s = (struct scanner){.at = after_mark(array->text),
                         .end = array->text.ptr + array->text.len};
    skip_space(&s);
    array->at = s.at + 1;
    if (s.at == s.end || *s.at != '[')
        (void)end_array(array, &s, fault(&s, s.at, "array expected"));
}

bool scan_array_next(struct scan_array *array, const struct scan_visitor *visitor,
                     struct scan_span *ret_element)
{
    struct scanner s = {.at = array->at,
                        .end = array->text.ptr + array->text.len,
                        .depth = 1,
                        .top = 1,
                        .visitor = visitor,
                        .ret_root = ret_element};
    enum step step = array->n_elements == 0 ? STEP_FIRST : STEP_NEXT;

    if (array->is_over)
        return false;
    step = take_steps(&s, step);
    if (step == STEP_FAULT)
        return end_array(array, &s, step);
    if (s.depth == 0) /* it closed instead */
        return end_array(array, &s, take_end(&s));
    array->at = s.at;
    array->n_elements++;
    return true;
}
