/* SPDX-License-Identifier: MIT */
#pragma once

/* label - "Custom Setting One" typed in the Settings Builder becomes customSettingOne
 * (dossier §3.3). */

#include "base/buf.h"

/* Adds the key: split at every run that is not alphanumeric, the first word in lower
 * case, of the others the first letter in upper case and the rest kept. "API Key" apiKey,
 * "customer ID" customerId (an all-capital word that follows is capitalised: Id), "1st
 * key" 1stKey. Only ASCII changes its case; letters beyond ASCII are kept, signs beyond
 * it divide words as others do. BUF_FULL when out of room; adds nothing for a label
 * without letters. Two labels may give one key: the caller refuses that. */
int label_key(struct bytes label, struct buf *ret_key);
