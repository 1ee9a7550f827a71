/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * template - a SAM/CloudFormation template for a function that Segment invokes: the
 * function on provided.al2023, and the role that Segment assumes, with the external id
 * (dossier §5.1).
 */

#include "base/buf.h"

struct template_wish {
    struct bytes function_name, code_uri; /* "hello", "out.zip" */
    struct bytes external_id;             /* empty: a parameter without a default */
    int64_t timeout_s, memory_mb;
};

void template_write(const struct template_wish *wish, struct buf *ret_text);
