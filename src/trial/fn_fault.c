/* SPDX-License-Identifier: MIT */

#include "trial/fn_fault.h"

#include <stdio.h>

#include "base/clean.h"
#include "base/err.h"
#include "base/excerpt.h"

/* Sentences with which the engine names a line that is not the line. */
static const char *const without_place[] = {
    "Attempted to assign to readonly property",
    "Assignment to constant variable",
};

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static struct bytes line_of(struct bytes source, int line)
{
    for (int i = 1; i < line && source.len > 0; i++)
        (void)bytes_take_until(&source, '\n');
    return bytes_take_until(&source, '\n');
}

/* The language ends lines where editors do not; then numbers of lines are no use. */
static bool has_odd_lines(struct bytes source)
{
    for (size_t i = 0; i + 1 < source.len; i++) {
        if (source.ptr[i] == '\r' && source.ptr[i + 1] != '\n')
            return true;
    }
    return bytes_find(source, BYTES("\xe2\x80\xa8")) < source.len ||
           bytes_find(source, BYTES("\xe2\x80\xa9")) < source.len;
}

static size_t n_characters(struct bytes text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return n;
}

/* Bytes before the @column-th UTF-16 unit (from 1), as the engine counts. */
static size_t offset_of(struct bytes line, int column)
{
    size_t at = 0;

    for (int unit = 1; at < line.len && unit < column; unit++) {
        unit += (unsigned char)line.ptr[at] >= 0xf0;
        for (at++; at < line.len && ((unsigned char)line.ptr[at] & 0xc0) == 0x80;)
            at++;
    }
    return at;
}

/* The name that begins at @at, or empty. */
static struct bytes name_at(struct bytes line, size_t at)
{
    size_t end = at;

    while (end < line.len && is_name_character(line.ptr[end]))
        end++;
    return bytes_slice(line, at, end - at);
}

/* The name that ends right before @at, or empty. */
static struct bytes name_before(struct bytes line, size_t at)
{
    size_t start = at;

    while (start > 0 && is_name_character(line.ptr[start - 1]))
        start--;
    return bytes_slice(line, start, at - start);
}

/* Whether @message speaks of @name as a whole word. */
static bool speaks_of(struct bytes message, struct bytes name)
{
    for (size_t at = 0; name.len > 0 && at + name.len <= message.len; at++) {
        struct bytes here = bytes_slice(message, at, name.len);
        bool begins = at == 0 || !is_name_character(message.ptr[at - 1]);
        bool ends = at + name.len == message.len ||
                    !is_name_character(message.ptr[at + name.len]);

        if (begins && ends && bytes_eq(here, name))
            return true;
    }
    return false;
}

/* Whether @message says that something could not be read, called or found, so that a mark
 * which it does not speak of would be a wrong one. */
static bool names_something(struct bytes message)
{
    static const char *const words[] = {
        "(reading '", "(setting '",          "(evaluating '", " is not a ",
        " is not ",   "Can't find variable", "Cannot access"};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (bytes_find(message, bytes_str(words[i])) < message.len)
            return true;
    }
    return false;
}

/* The engine says that a variable is not there, not what one of its members is. */
static bool is_about_variable(struct bytes message)
{
    static const char *const words[] = {"Can't find variable", " is not defined",
                                        "Cannot access"};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (bytes_find(message, bytes_str(words[i])) < message.len)
            return true;
    }
    return false;
}

/* What stands at the engine's place: the variable that ends or begins there, the member
 * behind a dot, what is called before a parenthesis. */
static struct bytes culprit_at(struct bytes line, size_t place, struct bytes message)
{
    struct bytes before = name_before(line, place);
    size_t dot = place + (place < line.len && line.ptr[place] == '?');

    if (is_about_variable(message) && before.len > 0)
        return before;
    if (dot < line.len && line.ptr[dot] == '.')
        return name_at(line, dot + 1);
    return before.len > 0 ? before : name_at(line, place);
}

/* Of "new a.B(…)" the "a.B". */
static struct bytes made_by_new(struct bytes line, struct bytes culprit)
{
    size_t start = (size_t)(culprit.ptr - line.ptr) + culprit.len;
    size_t end;

    while (start < line.len && line.ptr[start] == ' ')
        start++;
    for (end = start;
         end < line.len && (is_name_character(line.ptr[end]) || line.ptr[end] == '.');)
        end++;
    return bytes_slice(line, start, end - start);
}

static bool has_no_place(const char *message)
{
    for (size_t i = 0; i < COUNT(without_place); i++) {
        if (strstr(message, without_place[i]) != NULL)
            return true;
    }
    return false;
}

static void mark_culprit(const struct fn_fault *fault, struct bytes line,
                         struct fn_fault_mark *mark)
{
    struct bytes message = bytes_str(fault->message);
    size_t place = offset_of(line, fault->column);
    struct bytes culprit = culprit_at(line, place, message);

    /* In the middle of a name: the engine points into it, so it begins further left. */
    if (culprit.len > 0 && place < line.len && is_name_character(line.ptr[place]) &&
        culprit.ptr + culprit.len == line.ptr + place)
        culprit = bytes_slice(line, (size_t)(culprit.ptr - line.ptr),
                              culprit.len + name_at(line, place).len);
    if (bytes_eq(culprit, BYTES("new")))
        culprit = made_by_new(line, culprit);
    if (culprit.len == 0 || (names_something(message) && !speaks_of(message, culprit)))
        return;
    mark->column =
        (int)n_characters(bytes_slice(line, 0, (size_t)(culprit.ptr - line.ptr))) + 1;
    mark->width = (int)n_characters(culprit);
}

void fn_fault_mark(const struct fn_fault *fault, struct bytes source,
                   struct fn_fault_mark *ret_mark)
{
    *ret_mark = (struct fn_fault_mark){.line = fault->line};
    if (fault->line <= 0 || has_no_place(fault->message)) {
        ret_mark->line = 0;
    } else if (fault->is_exact) {
        ret_mark->column = fault->column;
        ret_mark->width = fault->width;
    } else if (fault->column > 0 && !has_odd_lines(source)) {
        mark_culprit(fault, line_of(source, fault->line), ret_mark);
    }
}

/* A note has no member of its own in struct err: it is the last line of the place. */
static void add_note(const char *note, struct err *err)
{
    size_t len = strlen(err->place);
    cleanup(buf_done) struct buf clean = {0};

    buf_init(&clean, sizeof(err->place));
    clean_add(bytes_str(note), &clean);
    if (clean.len > 0 && len + clean.len + 16 < sizeof(err->place))
        snprintf(err->place + len, sizeof(err->place) - len, "\n  = note: %s",
                 buf_text(&clean));
}

void fn_fault_describe(const struct fn_fault *fault, const char *path,
                       struct bytes source, struct err *err)
{
    bool has_name = fault->name != NULL && fault->name[0] != '\0';
    struct fn_fault_mark mark;
    struct excerpt where = {.file = path};
    cleanup(buf_done) struct buf message = {0};

    buf_init(&message, sizeof(err->text));
    if (has_name) { /* the code's own words, too */
        clean_add(bytes_slice(bytes_str(fault->name), 0, sizeof(err->text) / 4),
                  &message);
        buf_add_text(&message, ": ");
    }
    clean_add(bytes_slice(bytes_str(fault->message), 0, sizeof(err->text) / 2), &message);
    err_code(err, fault->is_load ? "PA2001" : "PA2010", ERR_CHECKS_FAILED, "%s",
             buf_text(&message));
    fn_fault_mark(fault, source, &mark);
    where.source = has_odd_lines(source) ? BYTES("") : source;
    where.line = mark.line;
    where.column = mark.column;
    where.width = mark.width;
    excerpt_place(&where, err);
    if (fault->note != NULL)
        add_note(fault->note, err);
    if (fault->again != NULL)
        err_help(err, "%s", fault->again);
}
