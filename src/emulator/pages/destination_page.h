/* SPDX-License-Identifier: MIT */
#pragma once

/* destination_page - what the pages of one destination have in common. */

struct exchange;
struct place;

/* The frame with the tabs Settings, Event Tester, Event Delivery. */
void destination_page_begin(struct exchange *exchange, const struct place *place,
                            const char *tab);
