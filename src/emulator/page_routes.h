/* SPDX-License-Identifier: MIT */
#pragma once

/* page_routes - handlers of pages that lie beside what they show; the table is in
 * pages.c. */

struct exchange;

void page_get_home(struct exchange *exchange);
void page_post_home(struct exchange *exchange);
