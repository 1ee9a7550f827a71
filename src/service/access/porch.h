/* SPDX-License-Identifier: MIT */
#pragma once

/* porch - what access needs while a service runs, made and ended together. Each keeps
 * its pointer in the site. */

struct err;
struct keeper;
struct site;
struct store;

/* Who there is; in serve, when there is nobody, a setup link. Before keeper has the
 * store; @site has its vault and is_dev. */
__attribute__((warn_unused_result)) int porch_load(struct site *site, struct store *store,
                                                   struct err *err);
void porch_start(struct site *site, struct keeper *keeper);
/* Writes the setup link to the log, once the listeners are up. */
void porch_tell(const struct site *site);
/* Before keeper's stop. */
void porch_stop(struct site *site);
void porch_free(struct site *site);
