/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * settings - "X-Segment-Settings: base64(JSON object)" (dossier §3.3).
 */

#include "base/buf.h"

enum settings_verdict {
    SETTINGS_MALFORMED = 0, /* bad base64, bad JSON, or not an object: 400 */
    SETTINGS_ABSENT,
    SETTINGS_GOOD,
};

/* Adds the JSON text to @ret_json (cleared first). Its maximum bounds the size. */
must_check
enum settings_verdict settings_decode(struct bytes header, struct buf *ret_json);
/* Adds the header's value for a JSON object's text. */
int settings_encode(struct bytes json, struct buf *ret_header);
