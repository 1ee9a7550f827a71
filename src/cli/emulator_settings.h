/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * emulator_settings - the flags of the commands about the local Segment, for the table in
 * command.h, and what those of start and exec mean to partnerapp-emulator.
 */

#include "cli/command.h"

struct call;
struct emulator_flags;

extern const struct flag emulator_start_flags[];
extern const struct flag emulator_exec_flags[];
extern const struct flag emulator_env_flags[];
extern const struct flag emulator_fault_flags[];
/* Only where the running one is. */
extern const struct flag emulator_link_flags[];

/* Everything that was typed, and @port. The memory of @flags is @call's. */
void emulator_settings_pass(struct call *call, int64_t port,
                            struct emulator_flags *ret_flags);
