/* SPDX-License-Identifier: MIT */
#pragma once

/* page_routes - handlers of pages that lie beside what they show; the table is in
 * pages.c. */

struct exchange;

void page_get_home(struct exchange *exchange);
void page_post_home(struct exchange *exchange);
void catalog_get_list(struct exchange *exchange);
void catalog_get_item(struct exchange *exchange);
void catalog_post_item(struct exchange *exchange);
void source_get_overview(struct exchange *exchange);
void debugger_get_page(struct exchange *exchange);
void destination_get_settings(struct exchange *exchange);
void destination_post_settings(struct exchange *exchange);
void tester_get_page(struct exchange *exchange);
void tester_post_page(struct exchange *exchange);
void delivery_get_page(struct exchange *exchange);
void delivery_post_page(struct exchange *exchange);
void developer_get_info(struct exchange *exchange);
void developer_post_info(struct exchange *exchange);
void developer_get_oauth(struct exchange *exchange);
void developer_post_oauth(struct exchange *exchange);
void developer_get_components(struct exchange *exchange);
void developer_post_components(struct exchange *exchange);
void developer_get_build(struct exchange *exchange);
void developer_post_build(struct exchange *exchange);
void developer_get_test(struct exchange *exchange);
void developer_post_test(struct exchange *exchange);
void developer_get_publish(struct exchange *exchange);
