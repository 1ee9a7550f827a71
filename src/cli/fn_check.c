/* SPDX-License-Identifier: MIT */

/*
 * fn check: is the syntax good, which events does the code handle, and does it use what
 * is not there? Looks without running: handlers are read from the syntax tree. Only where
 * the tree shows none (they may be assigned in some clever way) is the code loaded, in
 * the sandbox, and so it is when the parser knows nothing of what the engine refuses.
 */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fn_given.h"
#include "cli/fn_project.h"
#include "trial/fn_code.h"
#include "trial/fn_finding.h"
#include "json/write.h"

enum { JSON_BYTES = 1 << 20 };

static void write_number(struct write *write, const char *key, int number)
{
    write_key(write, key);
    if (number > 0)
        write_i64(write, number);
    else
        write_null(write);
}

static void write_list(struct write *write, const char *key,
                       const struct fn_findings *found, bool is_note)
{
    write_key(write, key);
    write_array(write);
    for (size_t i = 0; i < found->n; i++) {
        const struct fn_finding *finding = &found->list[i];

        if (finding->is_note != is_note)
            continue;
        write_object(write);
        write_number(write, "line", finding->line);
        write_number(write, "column", finding->column);
        write_member_text(write, "message", finding->message);
        write_member_text(write, "code", finding->code);
        write_member_text(write, "help", finding->help);
        write_object_end(write);
    }
    write_array_end(write);
}

static void print_json(const struct call *call, const struct fn_findings *found)
{
    struct buf json;
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_bool(&write, "ok", fn_findings_are_good(found));
    write_member_text(&write, "generation", found->generation);
    write_key(&write, "handlers");
    write_array(&write);
    for (size_t i = 0; i < found->n_handlers; i++)
        write_text(&write, found->handlers[i]);
    write_array_end(&write);
    write_list(&write, "problems", found, /* is_note= */ false);
    write_list(&write, "notes", found, /* is_note= */ true);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
    buf_done(&json);
}

static void print_human(const struct call *call, const struct fn_code *code,
                        const struct fn_findings *found)
{
    for (size_t i = 0; i < found->n; i++) {
        struct err err = {0};

        fn_finding_describe(&found->list[i], code, &err);
        if (found->list[i].is_note)
            diagnostic_warn(&call->err, &err);
        else
            diagnostic_print(&call->err, &err);
    }
    if (!fn_findings_are_good(found))
        return;
    print_text(&call->out, "%s: good (%s):", code->path, found->generation);
    for (size_t i = 0; i < found->n_handlers; i++)
        print_text(&call->out, "%s %s", i > 0 ? "," : "", found->handlers[i]);
    print_text(&call->out, "\n");
}

int fn_check_run(struct call *call, struct err *err)
{
    struct fn_findings found = {0};
    struct fn_code_wish wish;
    struct fn_code code;
    int answer;

    fn_given_wish(call, &wish);
    answer = fn_given_code(&code, &wish, err);
    if (answer == 0)
        answer = fn_project_read(&code, call, err);
    if (answer == 0)
        answer = fn_findings_read(&found, &code, err);
    if (answer == 0 && call->wants_json)
        print_json(call, &found);
    else if (answer == 0)
        print_human(call, &code, &found);
    if (answer == 0 && !fn_findings_are_good(&found))
        answer = ERR_CHECKS_FAILED;
    fn_findings_done(&found);
    fn_code_close(&code);
    return answer;
}
