/* SPDX-License-Identifier: MIT */
#pragma once

/* control_routes - handlers of /_emulator/… that lie beside what they control; the table
 * is in control.c. */

struct exchange;

/* tracking_control.c */
void control_get_deliveries(struct exchange *exchange);
void control_hurry_deliveries(struct exchange *exchange);
void control_get_counters(struct exchange *exchange);
void control_get_events(struct exchange *exchange);
void control_put_destination(struct exchange *exchange);
void control_put_write_key(struct exchange *exchange);
void control_get_subscription(struct exchange *exchange); /* subscription.c */
void control_put_subscription(struct exchange *exchange);
void control_put_function(struct exchange *exchange); /* invoke.c */
void control_post_attempt(struct exchange *exchange); /* attempt_control.c */
