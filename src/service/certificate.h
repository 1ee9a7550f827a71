/* SPDX-License-Identifier: MIT */
#pragma once

/* certificate - the PEM files of server.tls_cert and server.tls_key. */

#include "base/buf.h"

struct config;
struct err;

struct certificate {
    struct buf cert, key;
};

/* 1: read; 0: none is configured. End with certificate_done, also after -1. */
must_check
int certificate_read(struct certificate *certificate, const struct config *config,
                     struct err *err);
void certificate_done(struct certificate *certificate);
