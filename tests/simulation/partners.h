/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * partners - the model endpoints: each is in one mood for a while, then in another.
 */

#include "simulation/fakes.h"
#include "simulation/options.h"

void partners_reset(const struct options *options);
void partners_done(void);
/* From now on all of them are well, and quick. */
void partners_heal(void);
/* "https://p1.example/hook": 1; -1: no partner of ours. */
int partners_of_url(struct bytes url);
void partners_host(int partner, char ret_name[32]);
/* What the partner makes of a request that comes now. */
void partners_answer(int number, struct partner_answer *ret_answer);
