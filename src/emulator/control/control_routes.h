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
/*
 * POST /_emulator/requests/{}/replay: the call again, with what the body has of "method",
 * "target", "headers" ([[name, value]]), "body" (a text) in place of what it had; "as":
 * "app" | "bearer" | "write_key" | "nobody" with "secret", by default as it was asked.
 * Answers the new record as GET /_emulator/requests/{} does.
 */
void control_post_replay(struct exchange *exchange);

/* catalog_control.c: what a destination of the catalog asks for (definition.h). */
void control_get_definition(struct exchange *exchange);
void control_put_definition(struct exchange *exchange);
/*
 * GET and PUT /_emulator/app, POST /_emulator/app/regenerate-secret (app.c): of the first
 * app, or of ?app=N. PUT takes any of "redirect_uris" (at most five), "scope",
 * "reinstall" and "client_secret_post": "refuse" | "allow", "public", "display_name".
 */
void app_get(struct exchange *exchange);
void app_put(struct exchange *exchange);
void app_regenerate_secret(struct exchange *exchange);
/* GET and PUT /_emulator/consent (consent.h). */
void consent_get(struct exchange *exchange);
void consent_put(struct exchange *exchange);
/* GET /_emulator/installs, DELETE /_emulator/installs/{} (install.c): a customer removes
 * the app; the destination stays. */
void install_get_all(struct exchange *exchange);
void install_delete(struct exchange *exchange);
/* tracking_control.c */
void control_get_deliveries(struct exchange *exchange);
void control_hurry_deliveries(struct exchange *exchange);
void control_get_counters(struct exchange *exchange);
void control_get_events(struct exchange *exchange);
void control_get_destinations(struct exchange *exchange);
void control_put_destination(struct exchange *exchange);
void control_put_write_key(struct exchange *exchange);

/* snapshot.c */
void control_get_snapshot(struct exchange *exchange);
void control_put_snapshot(struct exchange *exchange);

/* worlds.c */
void control_get_worlds(struct exchange *exchange);
void control_delete_worlds(struct exchange *exchange);
void control_delete_world(struct exchange *exchange);
void control_get_subscription(struct exchange *exchange); /* subscription.c */
void control_put_subscription(struct exchange *exchange);
void control_put_function(struct exchange *exchange); /* invoke.c */
void control_post_attempt(struct exchange *exchange); /* attempt_control.c */
/*
 * POST /_emulator/test-event: {"event":{…}} and any member of PUT /_emulator/subscription
 * in place of the app's own (test_event.c); without an event the page's own one is sent.
 * Answers {"request","response":{body,header,status},"error"}, for a function
 * {"callbackReturn","logs","error"}.
 */
void test_event_post(struct exchange *exchange);
/* POST /_emulator/suite: any member of PUT /_emulator/subscription in place of the app's
 * own. Answers {"results":[{index,type,name,color,status,durationMs,message}],
 * "success":8,"passed":true}. */
void suite_run_post(struct exchange *exchange);
