/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * trigger_segment - `trigger --via emulator`: an event goes the way of a customer's one.
 *
 * To the Tracking API of the local Segment with the write key of acme's website; from
 * there its pipeline sends it on to us. A destination is made when website has none
 * (Enable with Segment would have made one); one that is there is left alone. The event
 * is found again at partnerapp by its messageId.
 */

#include "cli/emulator_link.h"

struct api;
struct call;
struct err;

enum { TRIGGER_MESSAGE_ID = 128, TRIGGER_EVENT_ID = 40 };

struct trigger_segment {
    struct emulator_link link;
    char authorization[256]; /* of the write key, which is no secret */
};

/* Finds the local Segment; -1 with PA8010 when there is none. */
must_check
int trigger_segment_open(struct trigger_segment *segment, struct call *call,
                         struct err *err);
/* Sends one event's JSON; its messageId is how it will be known. */
must_check
int trigger_segment_send(const struct trigger_segment *segment, struct bytes event,
                         char ret_message_id[TRIGGER_MESSAGE_ID], struct err *err);

enum { TRIGGER_NOT_YET = 1 };
/* The event's id at partnerapp; TRIGGER_NOT_YET: on its way. -1: it will not come, and
 * what the local Segment says about it. */
must_check
int trigger_segment_find(const struct trigger_segment *segment, const struct api *api,
                         const char *message_id, char ret_id[TRIGGER_EVENT_ID],
                         struct err *err);
