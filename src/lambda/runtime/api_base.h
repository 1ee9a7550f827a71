/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * api_base - where Lambda's Runtime API is, from AWS_LAMBDA_RUNTIME_API: the URL that all
 * of its calls begin with, and the policy that lets only its host be connected to.
 */

#include "base/buf.h"

struct egress;
struct err;

enum { API_BASE_BYTES = 512 };

struct api_base {
    struct buf url; /* "http://127.0.0.1:9001/2018-06-01" */
    struct egress *egress;
};

/* @api: "HOST:PORT" ("127.0.0.1:9001", "[::1]:9001", "localhost:9001"). -1: it is none.
 * End with api_base_done, also after -1. */
must_check
int api_base_read(struct api_base *base, struct bytes api, struct err *err);
void api_base_done(struct api_base *base); /* twice is fine */
