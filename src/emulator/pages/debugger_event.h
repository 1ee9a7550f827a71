/* SPDX-License-Identifier: MIT */
#pragma once

/* debugger_event - one event in the debugger: Pretty, Raw, Problems, Went to. */

struct exchange;
struct journal_entry;
struct place;

void debugger_show_event(struct exchange *exchange, const struct place *place,
                         const struct journal_entry *entry);
