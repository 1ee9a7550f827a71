/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * relaxed - the JSON that people type by hand into curl, made strict (dossier §7.1).
 *
 * Segment's own samples use 'single quotes', keys without quotes, trailing commas, and
 * close one brace too few; real clients sent them and got an answer. Everything else
 * stays as strict as json/scan: the result is JSON or there is none.
 */

#include "base/buf.h"

/*
 * Adds strict JSON to @ret_text: strict input as it is; else with single-quoted strings
 * (with \' inside) double-quoted, bare keys (letters, digits, '_', '$') quoted, trailing
 * commas dropped, and brackets that were never closed closed at the end. False when even
 * that is no JSON, or does not fit; @ret_text is then as it was.
 */
must_check
bool relaxed_print(struct bytes text, struct buf *ret_text);
