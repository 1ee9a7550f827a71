/* SPDX-License-Identifier: MIT */

#include "cli/call.h"
#include "cli/commands.h"

int version_run(struct call *call, struct err *err)
{
    (void)err;
    if (call->wants_json)
        print_text(&call->out, "{\"version\":\"%s\"}\n", PARTNERAPP_VERSION);
    else
        print_text(&call->out, "partnerapp %s\n", PARTNERAPP_VERSION);
    return 0;
}
