/* SPDX-License-Identifier: MIT */
#pragma once

/* control_routes - handlers of /_emulator/… that lie beside what they control; the table
 * is in control.c. */

struct exchange;

/* faults_control.c */
void control_get_faults(struct exchange *exchange);
void control_put_faults(struct exchange *exchange);
void control_post_fault(struct exchange *exchange);
void control_delete_faults(struct exchange *exchange);
void control_get_fault(struct exchange *exchange);
void control_put_fault(struct exchange *exchange);
void control_delete_fault(struct exchange *exchange);
void control_get_scenarios(struct exchange *exchange);
void control_post_scenario(struct exchange *exchange);

/* requests_control.c */
void control_get_requests(struct exchange *exchange);
void control_delete_requests(struct exchange *exchange);
void control_get_request(struct exchange *exchange);
