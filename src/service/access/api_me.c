/* SPDX-License-Identifier: MIT */

/* /api/v1/me: who asks, in all three kinds. */

#include "service/site.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4096 };

void api_me_get(const struct site_call *call)
{
    const struct principal *principal = &call->principal;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "kind", principal_kind_text(principal->kind));
    write_member_text(&json, "name", principal->name);
    write_member_text(&json, "role", keyring_role_text(principal->role));
    write_member_time(&json, "expires_at", principal->expires_at_ms);
    write_object_end(&json);
    site_json(call->request, 200, &body);
}
