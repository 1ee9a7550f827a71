/* SPDX-License-Identifier: MIT */
#pragma once

/* source_page - what the pages of one source have in common. */

struct exchange;
struct place;

/* The frame with the tabs Overview and Debugger. */
void source_page_begin(struct exchange *exchange, const struct place *place,
                       const char *tab);
