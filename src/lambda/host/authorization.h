/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * authorization - may this request of Invoke be heard? (dossier §5.4)
 *
 * Clients on a machine mostly sign nothing, so without a role anything is fine but a
 * signature that is none. With a role the credentials must be some that AssumeRole has
 * handed out, and the signature is calculated again.
 */

#include "lambda/host/listener.h"
#include "lambda/host/sts.h"

struct invoke_refusal;

/* False with @ret_refusal (403). */
must_check
bool authorization_check(const struct sts *sts, const struct post *post, int64_t now_ms,
                         struct invoke_refusal *ret_refusal);
/* A header that begins as a signature does, and is none. */
must_check
bool authorization_is_broken(struct bytes header);
