/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * haste - a thread that works for a moment and then waits asks to be woken in time.
 *
 * Its share of the CPU stays what it was; it takes it in shorter pieces, and for that the
 * kernel (since 6.12, before that this does nothing) does not let it wait behind others'
 * long ones.
 */

/* For the calling thread. */
void haste_ask(void);
/* And with a higher priority, where this process may: for what needs microseconds. */
void haste_ask_much(void);
