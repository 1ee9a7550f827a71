/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * manifest - function/function.json of a package: what the configuration said of the
 * function when it was packed, so that it runs there as it would in the service.
 *
 *   {"name":"hello","generation":"functions","allow_eval":"off","timeout_ms":5000,
 *    "slice_ms":1000,"isolation":"event"}
 *
 * Every member but the name may be absent: then the code, or the generation, decides.
 * Settings are not in it: they are secrets, and come with each event.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "js/pool.h"

struct err;

enum { MANIFEST_BYTES = 64 << 10 };

struct manifest {
    struct bytes name;
    enum pool_generation generation;
    enum pool_eval allow_eval;
    int64_t timeout_ms, slice_ms; /* 0: not said */
    bool is_fresh;                /* "isolation":"event" */
};

void manifest_write(const struct manifest *manifest, struct buf *ret_text);
/* The name goes into @arena. -1: no JSON object, or a member that is none of ours or has
 * a wrong value. */
must_check
int manifest_read(struct bytes text, struct arena *arena, struct manifest *ret_manifest,
                  struct err *err);
