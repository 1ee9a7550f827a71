/* SPDX-License-Identifier: MIT */
#pragma once

/* public_routes - the handlers of the Public API; the table is in public.c. */

#include "base/bytes.h"

struct exchange;
struct write;

/* public.c */
void public_get_workspace(struct exchange *exchange);
/* public_sources.c */
void public_list_sources(struct exchange *exchange);
void public_create_source(struct exchange *exchange);
void public_get_source(struct exchange *exchange);
void public_update_source(struct exchange *exchange);
void public_delete_source(struct exchange *exchange);
void public_create_key(struct exchange *exchange);
void public_delete_key(struct exchange *exchange);
/* public_destinations.c */
void public_list_destinations(struct exchange *exchange);
void public_list_connected(struct exchange *exchange);
void public_create_destination(struct exchange *exchange);
void public_get_destination(struct exchange *exchange);
void public_update_destination(struct exchange *exchange);
void public_delete_destination(struct exchange *exchange);
/* public_metrics.c */
void public_get_metrics(struct exchange *exchange);
/* public_catalog.c */
void public_list_catalog_destinations(struct exchange *exchange);
void public_list_catalog_sources(struct exchange *exchange);
void public_list_catalog_warehouses(struct exchange *exchange);
void public_get_catalog_destination(struct exchange *exchange);
void public_get_catalog_source(struct exchange *exchange);
/* Writes the metadata of an item as a value; null when there is none. */
void public_write_metadata(struct exchange *exchange, const char *kind, struct bytes slug,
                           struct write *write);
