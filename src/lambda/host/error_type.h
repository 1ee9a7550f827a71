/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * error_type - the kind of a failure, as a runtime names it in a header (dossier §5.5).
 *
 * Runtime.Name or Function.Name, a name being a capital and more letters; what is
 * otherwise is Runtime.Unknown or Function.Unknown.
 */

#include "base/bytes.h"

enum { ERROR_TYPE_BYTES = 128 };

void error_type_of(struct bytes header, char ret_type[ERROR_TYPE_BYTES]);
