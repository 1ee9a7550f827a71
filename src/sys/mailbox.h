/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * mailbox - bounded letters from many threads to one.
 *
 * A letter is any object with an embedded list_link; posting moves its ownership to the
 * reader. The reader sleeps on the descriptor (an eventfd) and takes all letters at once;
 * nobody is woken who is already awake: the descriptor is written only when the box was
 * empty.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct mailbox;

must_check
struct mailbox *mailbox_new(size_t max_letters);
/* Must be empty of what needs freeing, and every thread that posts must have ended. */
void mailbox_free(struct mailbox *mailbox);
/* Readable when there are letters. */
int mailbox_fd(struct mailbox *mailbox);
/* False when full: the letter stays the caller's. */
must_check
bool mailbox_post(struct mailbox *mailbox, struct list_link *letter);
/* As post, but past the bound: for answers, whose number the questions have bounded. */
void mailbox_force(struct mailbox *mailbox, struct list_link *letter);
/* All of @letters (then empty), past the bound, with one wake-up. */
void mailbox_force_all(struct mailbox *mailbox, struct list *letters);
/* Moves all letters, in order, to the end of *ret_letters; never blocks. */
void mailbox_take(struct mailbox *mailbox, struct list *ret_letters);
/* Blocks until there is a letter or @timeout_ms passed (-1: for ever); then takes. */
void mailbox_wait(struct mailbox *mailbox, int timeout_ms, struct list *ret_letters);
/* Blocks until there are @n_letters, @timeout_us passed, or somebody hurries; then takes.
 * The reader sleeps through the letters before the last: it is woken once. */
void mailbox_gather(struct mailbox *mailbox, size_t n_letters, int64_t timeout_us,
                    struct list *ret_letters);
/* Ends the gathering that is under way, if there is one. */
void mailbox_hurry(struct mailbox *mailbox);
/* Ends the wait that is under way, or the next one, without a letter. */
void mailbox_wake(struct mailbox *mailbox);
size_t mailbox_count(struct mailbox *mailbox);
