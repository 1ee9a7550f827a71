/* SPDX-License-Identifier: MIT */

/* /api/v1/vault: how the rotation of the master key goes on, and its beginning. */

#include "service/rotation.h"
#include "service/site.h"
#include "json/write.h"

enum { ANSWER_BYTES = 8192 };

static void answer(const struct site_call *call, int status)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    rotation_print(call->site->rotation, &json);
    write_object_end(&json);
    site_json(call->request, status, &body);
}

void api_vault_get(const struct site_call *call)
{
    answer(call, 200);
}

void api_vault_rotate(const struct site_call *call)
{
    rotation_start(call->site->rotation);
    answer(call, 202);
}
