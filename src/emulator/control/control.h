/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * control - /_emulator/…: what a test or the command line may do to the local Segment
 * (interface §9). Every page can be had from here as JSON.
 */

struct write;
struct world;

/* Writes one object: the URLs of all roles and the seeded credentials (`emulator env`).
 */
void control_write_environment(struct world *world, struct write *write);
