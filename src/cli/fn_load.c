/* SPDX-License-Identifier: MIT */

#include "cli/fn_load.h"

#include "base/err.h"
#include "cli/fn_code.h"
#include "cli/fn_fault.h"
#include "cli/fn_parse.h"

/* The engine refuses the text itself; one that the code threw has a column. */
static bool is_syntax(const struct fn_code *code)
{
    return code->error_name != NULL && strcmp(code->error_name, "SyntaxError") == 0 &&
           code->column == 0;
}

void fn_load_describe(const struct fn_code *code, struct err *err)
{
    struct fn_parse parse = {0};
    struct fn_fault fault = {
        .name = code->error_name,
        .message = code->error_message != NULL ? code->error_message : "it does not load",
        .line = code->line,
        .column = code->column,
        .is_load = true,
    };

    if (is_syntax(code) && fn_parse(&parse, buf_bytes(&code->source), NULL) == 0 &&
        parse.problem != NULL) {
        fault.message = parse.problem;
        fault.line = parse.line;
        fault.column = parse.column;
        fault.is_exact = true;
    }
    fn_fault_describe(&fault, code->path, buf_bytes(&code->source), err);
    fn_parse_done(&parse);
}
