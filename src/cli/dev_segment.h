/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dev_segment - the local Segment that `dev` starts, and the service's way to it.
 *
 * It keeps its state in DATA/segment, knows the redirect URI and the receiver of the port
 * that dev runs on, and dies with us. The configuration's segment.* URLs and the app's
 * credentials become its own: a real CLIENT_ID would mean nothing to it, and must not be
 * sent anywhere by a program that promises to stay on this machine.
 */

#include "cli/emulator_child.h"

struct call;
struct config;
struct err;

struct dev_segment {
    const struct call *call;
    struct emulator_child child;
    bool was_started; /* also true after it has ended by itself */
    char url_file[1024];
};

/* Starts it, with DATA (@data) made when absent, and points @config at it. */
must_check
int dev_segment_start(struct dev_segment *segment, struct call *call, const char *data,
                      struct config *config, struct err *err);
/* "http://localhost:8889"; "" when it does not run. */
const char *dev_segment_url(const struct dev_segment *segment);
/* Where it says what time it is. */
const char *dev_segment_clock_url(const struct dev_segment *segment);
/* What to poll; -1 when there is nothing to wait for. */
int dev_segment_end_fd(const struct dev_segment *segment);
int dev_segment_log_fd(const struct dev_segment *segment);
/* After one of them has become readable: says what there is to say. Its end is no reason
 * for dev to end. */
void dev_segment_ended(struct dev_segment *segment);
void dev_segment_relay(struct dev_segment *segment);
void dev_segment_stop(struct dev_segment *segment); /* fine when it was never started */
