/* SPDX-License-Identifier: MIT */
#pragma once

/* config_routes - the handlers of the Config API, a collection a file; the table is in
 * config.c. */

#include "base/bytes.h"

struct exchange;

/* config_workspaces.c */
void config_list_workspaces(struct exchange *exchange);
void config_get_workspace(struct exchange *exchange);
/* config_sources.c, config_schema.c */
void config_list_sources(struct exchange *exchange);
void config_create_source(struct exchange *exchange);
void config_get_source(struct exchange *exchange);
void config_delete_source(struct exchange *exchange);
void config_get_schema(struct exchange *exchange);
void config_update_schema(struct exchange *exchange);
/* config_destinations.c */
void config_list_destinations(struct exchange *exchange);
void config_create_destination(struct exchange *exchange);
void config_get_destination(struct exchange *exchange);
void config_update_destination(struct exchange *exchange);
void config_delete_destination(struct exchange *exchange);
/* config_filters.c */
void config_list_filters(struct exchange *exchange);
void config_create_filter(struct exchange *exchange);
void config_get_filter(struct exchange *exchange);
void config_update_filter(struct exchange *exchange);
void config_delete_filter(struct exchange *exchange);
void config_preview_filter(struct exchange *exchange);
/* config_metrics.c */
void config_list_metrics(struct exchange *exchange);
void config_get_metric(struct exchange *exchange);
void config_get_metrics(struct exchange *exchange);
void config_summarize_metrics(struct exchange *exchange);
void config_summarize_workspace(struct exchange *exchange);
/* config_catalog.c */
void config_list_catalog_destinations(struct exchange *exchange);
void config_list_catalog_sources(struct exchange *exchange);
void config_get_catalog_destination(struct exchange *exchange);
void config_get_catalog_source(struct exchange *exchange);
/* config_plans.c */
void config_list_plans(struct exchange *exchange);
void config_create_plan(struct exchange *exchange);
void config_get_plan(struct exchange *exchange);
void config_update_plan(struct exchange *exchange);
void config_delete_plan(struct exchange *exchange);
void config_list_connections(struct exchange *exchange);
void config_create_connection(struct exchange *exchange);
void config_create_connections(struct exchange *exchange);
void config_delete_connection(struct exchange *exchange);
/* config_regulations.c */
void config_list_regulations(struct exchange *exchange);
void config_create_regulation(struct exchange *exchange);
void config_get_regulation(struct exchange *exchange);
void config_delete_regulation(struct exchange *exchange);
void config_list_suppressed(struct exchange *exchange);
/* config_functions.c */
void config_list_functions(struct exchange *exchange);
void config_create_function(struct exchange *exchange);
void config_get_function(struct exchange *exchange);
void config_update_function(struct exchange *exchange);
void config_delete_function(struct exchange *exchange);
/* config_iam.c */
void config_list_roles(struct exchange *exchange);
void config_list_policies(struct exchange *exchange);
void config_list_invites(struct exchange *exchange);
void config_list_users(struct exchange *exchange);
/* config_apps.c */
void config_create_app(struct exchange *exchange);
void config_create_application(struct exchange *exchange);
/* config_tokens.c */
void config_list_tokens(struct exchange *exchange);
void config_create_token(struct exchange *exchange);
void config_get_token(struct exchange *exchange);
void config_delete_token(struct exchange *exchange);
