/* SPDX-License-Identifier: MIT */

/* fn check: does it load, and which events does it handle? Nothing is run but the top
 * level of the code. */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fn_code.h"
#include "json/write.h"

enum { JSON_BYTES = 1 << 20 };

static const char no_handler[] =
    "no handler: define onTrack, onIdentify, …, or transformEvent";

static bool is_good(const struct fn_code *code)
{
    return code->is_ok && code->handlers[0] != NULL;
}

static void write_problem(struct write *write, const struct fn_code *code)
{
    write_object(write);
    write_key(write, "line");
    if (code->line > 0)
        write_i64(write, code->line);
    else
        write_null(write);
    write_key(write, "column");
    if (code->column > 0)
        write_i64(write, code->column);
    else
        write_null(write);
    write_member_text(write, "message", code->is_ok ? no_handler : code->error_message);
    write_object_end(write);
}

static void print_json(const struct call *call, const struct fn_code *code)
{
    struct buf json;
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_bool(&write, "ok", is_good(code));
    write_member_text(&write, "generation", code->generation);
    write_key(&write, "handlers");
    write_array(&write);
    for (size_t i = 0; code->handlers[i] != NULL; i++)
        write_text(&write, code->handlers[i]);
    write_array_end(&write);
    write_key(&write, "problems");
    write_array(&write);
    if (!is_good(code))
        write_problem(&write, code);
    write_array_end(&write);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
    buf_done(&json);
}

static void print_human(const struct call *call, const struct fn_code *code)
{
    struct fn_code_fault fault = {code->error_name, code->error_message, code->line,
                                  code->column};
    struct err err = {0};

    if (is_good(code)) {
        print_text(&call->out, "%s: good (%s):", code->path,
                   code->generation != NULL ? code->generation : "functions");
        for (size_t i = 0; code->handlers[i] != NULL; i++)
            print_text(&call->out, "%s %s", i > 0 ? "," : "", code->handlers[i]);
        print_text(&call->out, "\n");
        return;
    }
    if (code->is_ok) {
        err_code(&err, "PA2002", ERR_CHECKS_FAILED, "%s", no_handler);
        err_place(&err, "--> %s", code->path);
    } else {
        fn_code_describe(code, &fault, &err);
    }
    diagnostic_print(&call->err, &err);
}

int fn_check_run(struct call *call, struct err *err)
{
    struct fn_code code;
    int answer = fn_code_open(&code, call, err);

    if (answer == 0 && call->wants_json)
        print_json(call, &code);
    else if (answer == 0)
        print_human(call, &code);
    if (answer == 0 && !is_good(&code))
        answer = ERR_CHECKS_FAILED;
    fn_code_close(&code);
    return answer;
}
