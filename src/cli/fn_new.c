/* SPDX-License-Identifier: MIT */

/* fn new: a function with tests to begin with, from one of the examples. */

#include <stdio.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "trial/fn_make.h"
#include "trial/fn_template.h"
#include "json/write.h"

enum { JSON_BYTES = 1 << 20 };

static void print_next(const struct call *call, const char *name)
{
    const int watch_width = (int)strlen(" --watch");

    call_say(call, "Next:");
    call_say(call, "  partnerapp fn test %s%*s  try it; no network, no account", name,
             watch_width, "");
    call_say(call, "  partnerapp fn test %s --watch  again whenever you save", name);
    call_say(call, "  partnerapp dev --function functions/%s/index.js", name);
}

struct making {
    const struct call *call;
    struct write write;
};

static void tell(void *arg, const char *path)
{
    struct making *making = arg;

    write_text(&making->write, path);
    if (!making->call->wants_json)
        print_text(&making->call->out, "%s\n", path);
}

static int make(const struct call *call, const struct fn_make_wish *wish, struct err *err)
{
    struct making making = {.call = call};
    cleanup(buf_done) struct buf json = {0};

    buf_init(&json, JSON_BYTES);
    write_init(&making.write, &json);
    write_object(&making.write);
    write_member_text(&making.write, "name", wish->name);
    write_member_text(&making.write, "template", wish->template);
    write_key(&making.write, "files");
    write_array(&making.write);
    if (fn_make(wish, tell, &making, err) < 0)
        return -1;
    write_array_end(&making.write);
    write_object_end(&making.write);
    if (call->wants_json)
        print_record(&call->out, buf_bytes(&json));
    else
        print_next(call, wish->name);
    return 0;
}

static int list(const struct call *call)
{
    char names[FN_TEMPLATE_MAX][FN_TEMPLATE_MAX];
    struct write write;
    size_t n;
    cleanup(buf_done) struct buf json = {0};

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_key(&write, "data");
    write_array(&write);
    fn_template_names(names, &n);
    for (size_t i = 0; i < n; i++) {
        struct bytes summary = fn_template_summary(names[i]);

        write_object(&write);
        write_member_text(&write, "name", names[i]);
        write_member_string(&write, "summary", summary);
        write_object_end(&write);
        if (!call->wants_json)
            print_text(&call->out, "%-20s %.*s\n", names[i], BYTES_FMT(summary));
    }
    write_array_end(&write);
    write_member_text(&write, "next", NULL);
    write_member_i64(&write, "total", (int64_t)n);
    write_object_end(&write);
    if (call->wants_json)
        print_record(&call->out, buf_bytes(&json));
    return 0;
}

int fn_new_run(struct call *call, struct err *err)
{
    const struct fn_make_wish wish = {.folder = "functions",
                                      .name = call_arg(call, 0),
                                      .template = call_text(call, "template")};

    return call_has(call, "list") ? list(call) : make(call, &wish, err);
}
