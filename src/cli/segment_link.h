/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_link - which of Segment's APIs the `segment` commands talk to, where it is, and
 * as whom.
 *
 * Which: --api, else segment.api. Where: --api-url, else segment.api_url (or
 * segment.public_api_url) when that is configured, else a local Segment ($PARTNERAPP_
 * EMULATOR_URL, DATA/emulator.url), else Segment's own. As whom: --token-file, else the
 * token of an install, which the service hands out; for the Public API, which takes no
 * install tokens, $SEGMENT_PUBLIC_API_TOKEN or the local Segment's.
 */

#include "base/secret.h"
#include "core/segment_api.h"

struct call;
struct err;

enum { SEGMENT_LINK_URL = 256, SEGMENT_LINK_NAME = 512 };

struct segment_link {
    enum segment_backend backend;
    char base[SEGMENT_LINK_URL];       /* no slash at the end */
    struct secret authorization;       /* "Bearer …"; not set in a dry run */
    bool is_dry;                       /* the request is shown and not sent */
    char workspace[SEGMENT_LINK_NAME]; /* of the install, once it was asked for: */
    char source[SEGMENT_LINK_NAME];    /* "workspaces/w/sources/s"; empty: none */
};

/* 0; above 0 an exit code (the configuration's problems have been shown); -1. A dry run
 * needs no token and asks for none. End with segment_link_done in any case. */
must_check
int segment_link_open(struct segment_link *link, const struct call *call,
                      struct err *err);
void segment_link_done(struct segment_link *link);
/* Fills workspace and source from the install of the service: for short names. -1 when
 * there is no install to take them from. */
must_check
int segment_link_ask_names(struct segment_link *link, const struct call *call,
                           struct err *err);
