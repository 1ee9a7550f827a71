/* SPDX-License-Identifier: MIT */

#include "cli/explain.h"

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "json/write.h"

enum { PAGE_MAX = 16384 };

static const struct explain_page *find_page(const char *code)
{
    size_t n_pages;
    const struct explain_page *pages = explain_pages(&n_pages);

    for (size_t i = 0; i < n_pages; i++) {
        if (bytes_eq_nocase(bytes_str(pages[i].code), bytes_str(code)))
            return &pages[i];
    }
    return NULL;
}

static void print_json(const struct call *call, const struct explain_page *page)
{
    struct buf json;
    struct write write;

    buf_init(&json, PAGE_MAX);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "code", page->code);
    write_member_text(&write, "what", page->what);
    write_member_text(&write, "cause", page->cause);
    write_member_text(&write, "fix", page->fix);
    write_object_end(&write);
    print_record(&call->out, buf_bytes(&json));
    buf_done(&json);
}

int explain_run(struct call *call, struct err *err)
{
    const struct explain_page *page = find_page(call_arg(call, 0));

    if (page == NULL) {
        err_code(err, "PA7023", ERR_NOT_FOUND, "no error has the code `%s`",
                 call_arg(call, 0));
        return err_help(err, "codes look like PA1003; an error prints its own");
    }
    if (call->wants_json) {
        print_json(call, page);
        return 0;
    }
    print_styled(&call->out, PRINT_BOLD, "%s: %s\n", page->code, page->what);
    print_text(&call->out, "\nWhy\n%s\n\nWhat to do\n%s\n", page->cause, page->fix);
    return 0;
}
