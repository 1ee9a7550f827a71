/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * masking - credentials out of what the inspector shows.
 *
 * By name, not by value: the emulator's tokens come and go. Secret are members and fields
 * whose name, without case, '_' and '-', contains secret, password, verifier, challenge,
 * csrf, writekey, apikey or ends in token; `code` where it is long (an authorization
 * code, not an error's). In {"name":"…/config/apiKey","value":…} the value is. All
 * functions take any bytes, cut texts too, and never let a value through because its
 * syntax is odd: what is hidden is MASKING_MARK.
 */

#include "base/buf.h"

#define MASKING_MARK "••••"

must_check
bool masking_is_secret(struct bytes name);
/* JSON, strict or as people type it. */
void masking_json(struct bytes text, struct buf *ret_text);
/* A form, or a query without its '?'. */
void masking_form(struct bytes text, struct buf *ret_text);
/* Everything after the first '?' as a query. */
void masking_url(struct bytes url, struct buf *ret_text);
/* A header's value: the scheme of Authorization stays, "Location" is a URL. */
void masking_header(struct bytes name, struct bytes value, struct buf *ret_text);
/* A body by what it looks like; @content_type may be empty. What is no text or a page is
 * told in one line: "(1234 bytes of HTML)". */
void masking_body(struct bytes content_type, struct bytes body, struct buf *ret_text);
