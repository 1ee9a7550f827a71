/* SPDX-License-Identifier: MIT */

#include "emulator/developer/sample.h"

#include <stdio.h>

#include "segment/ingest.h"

static const char *const texts[EVENT_N_KINDS] = {
    [EVENT_IDENTIFY] = "{\"type\":\"identify\",\"userId\":\"u42\",\"traits\":{\"name\":"
                       "\"Ana Ito\",\"email\":\"ana@initech.test\",\"plan\":\"pro\"}}",
    [EVENT_TRACK] =
        "{\"type\":\"track\",\"userId\":\"u42\",\"event\":\"Order Completed\","
        "\"properties\":{\"order_id\":\"o-1001\",\"total\":42.5,\"currency\":"
        "\"EUR\"}}",
    [EVENT_PAGE] = "{\"type\":\"page\",\"userId\":\"u42\",\"name\":\"Pricing\","
                   "\"properties\":{\"path\":\"/pricing\",\"url\":"
                   "\"https://initech.test/pricing\",\"title\":\"Pricing\"}}",
    [EVENT_SCREEN] = "{\"type\":\"screen\",\"userId\":\"u42\",\"name\":\"Basket\","
                     "\"properties\":{\"items\":3}}",
    [EVENT_GROUP] = "{\"type\":\"group\",\"userId\":\"u42\",\"groupId\":\"initech\","
                    "\"traits\":{\"name\":\"Initech\",\"employees\":329}}",
    [EVENT_ALIAS] = "{\"type\":\"alias\",\"userId\":\"u42\",\"previousId\":\"anon-7\"}",
};

void sample_print(enum event_kind kind, int64_t now_ms, struct bytes project_id,
                  struct buf *ret_event)
{
    char message_id[40];

    snprintf(message_id, sizeof(message_id), "sample-%lld", (long long)now_ms);
    if (texts[kind] == NULL)
        return;
    if (!ingest_print(bytes_str(texts[kind]),
                      &(struct ingest_stamp){.kind = kind,
                                             .received_at_ms = now_ms,
                                             .message_id = bytes_str(message_id),
                                             .project_id = project_id,
                                             .channel = "server"},
                      ret_event))
        buf_clear(ret_event); /* half of one would be none */
}
