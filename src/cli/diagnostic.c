/* SPDX-License-Identifier: MIT */

#include "cli/diagnostic.h"

#include "base/err.h"
#include "json/write.h"

enum { MESSAGE_MAX = sizeof(((struct err *)0)->text) };

static const struct {
    enum err_exit exit_code;
    const char *kind;
} kinds[] = {
    {ERR_FAILED, "failed"},       {ERR_USAGE, "usage"},
    {ERR_CONFIG, "config"},       {ERR_AUTH, "auth"},
    {ERR_NOT_FOUND, "not_found"}, {ERR_CONFLICT, "conflict"},
    {ERR_TRY_LATER, "try_later"}, {ERR_TIMEOUT, "timeout"},
    {ERR_PARTIAL, "partial"},     {ERR_CHECKS_FAILED, "checks_failed"},
};

int diagnostic_exit(const struct err *err)
{
    return err->exit_code != 0 ? (int)err->exit_code : ERR_FAILED;
}

static void print_help_lines(const struct print *print, const char *help)
{
    struct bytes left = bytes_str(help);

    while (left.len > 0) {
        struct bytes line = bytes_take_until(&left, '\n');

        print_styled(print, PRINT_BLUE, "  = help:");
        print_text(print, " %.*s\n", BYTES_FMT(line));
    }
}

static void print_place(const struct print *print, const char *place)
{
    size_t len = strlen(place);

    if (len == 0)
        return;
    print_text(print, "%s%s%s", place[0] == '-' ? "  " : "", place,
               place[len - 1] == '\n' ? "" : "\n");
}

/* It may repeat what code or a stranger said, which a terminal must not obey. */
static void print_message(const struct print *print, const char *text)
{
    cleanup(buf_done) struct buf clean = {0};

    buf_init(&clean, MESSAGE_MAX);
    print_clean(bytes_str(text), &clean);
    print_text(print, ": %s\n", buf_text(&clean));
}

static void print_with_word(const struct print *print, const struct err *err,
                            const char *word, enum print_style style)
{
    if (err->code[0] != '\0')
        print_styled(print, style, "%s[%s]", word, err->code);
    else
        print_styled(print, style, "%s", word);
    print_message(print, err->text);
    print_place(print, err->place);
    print_help_lines(print, err->help);
    if (err->code[0] != '\0' && print->is_terminal)
        print_styled(print, PRINT_DIM, "  = explain: partnerapp explain %s\n", err->code);
    fflush(print->file);
}

void diagnostic_print(const struct print *print, const struct err *err)
{
    print_with_word(print, err, "error", PRINT_RED);
}

void diagnostic_warn(const struct print *print, const struct err *err)
{
    print_with_word(print, err, "warning", PRINT_YELLOW);
}

static const char *kind_text(const struct err *err)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if ((int)kinds[i].exit_code == diagnostic_exit(err))
            return kinds[i].kind;
    }
    return "failed";
}

/* "--> file:line:column" into its parts; a file's name may hold colons. */
static void write_where(struct write *write, struct bytes place)
{
    struct bytes where = bytes_take_until(&place, '\n');
    int64_t numbers[2] = {0, 0};

    if (bytes_starts(where, BYTES("--> ")))
        where = bytes_slice(where, 4, where.len);
    for (int i = 1; i >= 0; i--) {
        size_t colon = where.len;

        while (colon > 0 && where.ptr[colon - 1] != ':')
            colon--;
        if (colon == 0 ||
            !bytes_to_i64(bytes_slice(where, colon, where.len), &numbers[i]))
            break;
        where = bytes_slice(where, 0, colon - 1);
    }
    if (numbers[0] == 0) { /* only one number: it is the line */
        numbers[0] = numbers[1];
        numbers[1] = 0;
    }
    write_key(write, "file");
    if (where.len > 0)
        write_string(write, where);
    else
        write_null(write);
    write_key(write, "line");
    if (numbers[0] > 0)
        write_i64(write, numbers[0]);
    else
        write_null(write);
    write_key(write, "column");
    if (numbers[1] > 0)
        write_i64(write, numbers[1]);
    else
        write_null(write);
}

static void write_err(struct write *write, const struct err *err)
{
    char docs[64];

    write_object(write);
    write_member_text(write, "code", err->code[0] != '\0' ? err->code : NULL);
    write_member_text(write, "kind", kind_text(err));
    write_member_text(write, "message", err->text);
    write_where(write, bytes_str(err->place));
    write_member_text(write, "help", err->help[0] != '\0' ? err->help : NULL);
    snprintf(docs, sizeof(docs), "partnerapp explain %s", err->code);
    write_member_text(write, "docs", err->code[0] != '\0' ? docs : NULL);
    write_member_i64(write, "exit", diagnostic_exit(err));
    write_object_end(write);
}

void diagnostic_json(const struct err *err, struct buf *ret_json)
{
    struct write write;

    write_init(&write, ret_json);
    write_object(&write);
    write_key(&write, "error");
    write_err(&write, err);
    write_object_end(&write);
}

void diagnostic_json_all(const struct err *errs, size_t n_errs, struct buf *ret_json)
{
    struct write write;

    write_init(&write, ret_json);
    write_object(&write);
    write_key(&write, "error");
    write_err(&write, &errs[0]);
    write_key(&write, "problems");
    write_array(&write);
    for (size_t i = 0; i < n_errs; i++)
        write_err(&write, &errs[i]);
    write_array_end(&write);
    write_object_end(&write);
}
