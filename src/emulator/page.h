/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * page - the frame of every page: the bar that says what this is not, navigation, style.
 *
 * Server-rendered, usable without JavaScript, no request to another host. Between begin
 * and end the handler writes into exchange->out with base/html.h. The bar is amber while
 * a fault is on, and shows the world's clock.
 */

struct exchange;

struct page {
    const char *title;   /* "Debugger"; a literal or text of ours, escaped all the same */
    const char *section; /* the entry of the navigation that is current: "Workspaces",
                            "Catalog", "Developer", "Requests", "Faults", "Differences";
                            NULL: a bare page without navigation (login, consent) */
};

void page_begin(struct exchange *exchange, const struct page *page);
/* Also sets status (200 unless another was set before) and the headers: HTML, no-store,
 * Content-Security-Policy. */
void page_end(struct exchange *exchange);
