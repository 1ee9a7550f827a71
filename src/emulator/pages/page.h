/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * page - the frame of every page: the bar that says what this is not, navigation, style.
 *
 * Server-rendered, usable without JavaScript, no request to another host. Between begin
 * and end the handler writes into exchange->out with base/html.h. The bar is amber while
 * a fault is on, and shows the world's clock.
 */

#include "base/bytes.h"

struct exchange;

struct page {
    const char *title;   /* "Debugger"; a literal or text of ours, escaped all the same */
    const char *section; /* the entry of the navigation that is current: "Workspaces",
                            "Catalog", "Developer", "Requests", "Faults", "Differences";
                            NULL: a bare page without navigation (login, consent) */
};

/* Sets headers (no-store, Content-Security-Policy …): exchange_restart takes back both.
 */
void page_begin(struct exchange *exchange, const struct page *page);
/* The content type too; the status is 200 unless the handler has set another. */
void page_end(struct exchange *exchange);

/* An answer that is nothing but a sentence: @status and why. Whoever does not ask for
 * HTML gets {"message":why}. Only in the handler, as it reads a header. */
void page_refuse(struct exchange *exchange, int status, const char *why);

/* What a page says on top after a form has done its work: texts of ours, so that no link
 * can put words there. */
enum page_note {
    PAGE_NOTE_NONE = 0,
    PAGE_NOTE_APP_UPDATED,
    PAGE_NOTE_SECRET_REGENERATED,
    PAGE_NOTE_DESTINATION_SAVED,
    PAGE_NOTE_RESET,
    PAGE_NOTE_CLOCK_MOVED,
    PAGE_NOTE_CLOCK_CHANGED,
    PAGE_NOTE_HURRIED,
    PAGE_NOTE_N,
};
/* 303 to @path, which may have a query; page_begin of the page there shows the note. */
void page_done(struct exchange *exchange, const char *path, enum page_note note);
