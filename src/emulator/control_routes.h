/* SPDX-License-Identifier: MIT */
#pragma once

/* control_routes - handlers of /_emulator/… that lie beside what they control; the table
 * is in control.c. */

struct exchange;

void control_get_subscription(struct exchange *exchange); /* subscription.c */
void control_put_subscription(struct exchange *exchange);
void control_put_function(struct exchange *exchange); /* invoke.c */
void control_post_attempt(struct exchange *exchange); /* attempt_control.c */
