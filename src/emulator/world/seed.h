/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * seed - what every world begins with (interface §9): acme and globex, three people,
 * three sources, the catalog, the demo app with its subscription, a token of the Public
 * API.
 */

struct emulator_options;
struct world;

/* Into empty tables. */
void seed_plant(struct world *world, const struct emulator_options *options);
/* Into tables of an earlier run: what was said this time of the first app wins. dev may
 * have got another port since. */
void seed_adjust(struct world *world, const struct emulator_options *options);
