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
