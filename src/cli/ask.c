/* SPDX-License-Identifier: MIT */

#include "cli/ask.h"

#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"

static int ask(const struct call *call, const char *question, const char *hint,
               struct bytes *ret_answer, struct err *err)
{
    static char line[128];

    if (isatty(STDIN_FILENO) != 1) {
        err_code(err, "PA7021", ERR_USAGE,
                 "this needs a yes, and nobody can be asked here");
        return err_help(err, "add --yes, or look first with --dry-run");
    }
    print_text(&call->err, "%s [%s] ", question, hint);
    fflush(call->err.file);
    if (fgets(line, sizeof(line), stdin) == NULL)
        line[0] = '\0';
    *ret_answer = bytes_trim(bytes_str(line));
    return 0;
}

int ask_yes(const struct call *call, const char *question, struct err *err)
{
    struct bytes answer = {0};

    if (call_has(call, "yes"))
        return 0;
    if (ask(call, question, "y/N", &answer, err) < 0)
        return -1;
    return bytes_eq_nocase(answer, BYTES("y")) || bytes_eq_nocase(answer, BYTES("yes"))
               ? 0
               : ASK_NO;
}

int ask_word(const struct call *call, const char *question, const char *word,
             struct err *err)
{
    struct bytes answer = {0};

    if (call_has(call, "yes"))
        return 0;
    if (ask(call, question, word, &answer, err) < 0)
        return -1;
    return bytes_eq(answer, bytes_str(word)) ? 0 : ASK_NO;
}
