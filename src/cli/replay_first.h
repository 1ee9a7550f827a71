/* SPDX-License-Identifier: MIT */
#pragma once

/* replay_first - what a plan says of the event that would be sent first. */

struct json;
struct print;

/* @first is the plan's member of that name; nothing is said when there is none. */
void replay_first_show(const struct print *print, const struct json *first);
