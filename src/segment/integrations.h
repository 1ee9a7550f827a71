/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * integrations - does the event's `integrations` object let it go to a destination?
 * (dossier §2.5)
 */

#include "base/bytes.h"

/*
 * @event: JSON text that scan_json has accepted. @display_name: the destination's, case
 * matters. Its own key decides; else "All" (or "all"); else yes. true, objects, non-empty
 * texts and numbers other than 0 are yes; all else, arrays too, is no. Without an
 * integrations object (also null, or the [] of deletes): yes.
 */
must_check
bool integrations_allow(struct bytes event, struct bytes display_name);
