/* SPDX-License-Identifier: MIT */

#include "trial/fn_load.h"

#include "base/err.h"
#include "trial/fn_code.h"
#include "trial/fn_fault.h"
#include "trial/fn_parse.h"

/* The code may also throw a SyntaxError of its own, as JSON.parse does: then the parser
 * has nothing to say, and the place is where it was thrown. */
static void find_place(const struct fn_parse *parse, struct fn_fault *fault)
{
    if (parse->refusal == NULL)
        return;
    fault->column = 0; /* whatever the engine says of a column, it is not to be trusted */
    if (parse->problem == NULL)
        return;
    fault->message = parse->problem;
    fault->line = parse->line;
    fault->column = parse->column;
    fault->is_exact = true;
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

    if (code->error_name != NULL && strcmp(code->error_name, "SyntaxError") == 0 &&
        fn_parse(&parse, &code->wish.runners, buf_bytes(&code->source), NULL) == 0)
        find_place(&parse, &fault);
    fn_fault_describe(&fault, code->path, buf_bytes(&code->source), err);
    fn_parse_done(&parse);
}
