/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * process - the process under test: recovery, keeper and courier as service.c brings them
 * together, on a fake machine, and its deaths.
 */

#include "simulation/options.h"

struct courier;
struct keeper;

void process_reset(const struct options *options);
void process_done(void);
/* Crashes and restarts end; it is up, or about to be. */
void process_heal(void);
bool process_is_up(void);
struct keeper *process_keeper(void);
struct courier *process_courier(void);
struct tally *process_tally(void);
/* It is killed: from this moment it does nothing any more. */
void process_die(void);
/* Its configuration from now on, also over restarts. */
const struct line_options *process_lines(void);
void process_reload(const struct line_options *lines);
unsigned process_n_deaths(void);
