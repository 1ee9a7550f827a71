/* SPDX-License-Identifier: MIT */

/* Sets of faults with a story, and what a good partner does in it (ux §4.5). */

#include "base/err.h"
#include "emulator/faults/faults.h"
#include "emulator/world/world.h"
#include "json/json.h"

enum { OFF_MS = 10 * 60 * 1000 };

const struct fault_scenario fault_scenarios[] = {
    {"segment-has-a-bad-day", "Segment has a bad day",
     "[{\"where\":\"config\",\"what\":\"status\",\"status\":503,\"percent\":30,"
     "\"for\":\"5m\"},"
     "{\"where\":\"token\",\"what\":\"delay\",\"delay_ms\":[2000,6000],\"percent\":30,"
     "\"for\":\"5m\"},"
     "{\"where\":\"tracking\",\"what\":\"status\",\"status\":500,\"percent\":20,"
     "\"for\":\"5m\"},"
     "{\"where\":\"sink\",\"what\":\"duplicate\",\"percent\":10,\"for\":\"5m\"},"
     "{\"where\":\"sink\",\"what\":\"reorder\",\"percent\":10,\"for\":\"5m\"}]",
     0,
     "Calls that failed with 5xx are made again after a while, installs end well though "
     "they take longer, and every event counts once though some come twice or late."},
    {"token-expires-mid-install", "Token expires mid-install",
     "[{\"where\":\"config\",\"what\":\"token_expired\",\"times\":1,\"for\":\"10m\"}]", 0,
     "The first call of the Config API is answered with 401 malformed token. The app "
     "asks "
     "for a new token once, makes the call again, and the install ends well."},
    {"customer-revokes-us", "Customer revokes us",
     "[{\"where\":\"config\",\"what\":\"token_revoked\",\"for\":\"10m\"},"
     "{\"where\":\"refresh\",\"what\":\"status\",\"status\":403,\"code\":7,"
     "\"for\":\"10m\"}]",
     0,
     "Neither the token nor a new one is good any more. The app stops after one try, "
     "says "
     "that it must be installed again, and keeps taking events without an error."},
    {"our-receiver-restarts", "Our receiver restarts",
     "[{\"where\":\"sink\",\"what\":\"close\",\"for\":\"20s\"}]", 0,
     "Deliveries break off for 20 seconds and are tried again: in the end every event "
     "has arrived, none counts twice."},
    {"rate-limit", "Rate limit at 200/min",
     "[{\"where\":\"config\",\"what\":\"rate_limit\",\"times\":20,\"for\":\"1m\"},"
     "{\"where\":\"refresh\",\"what\":\"rate_limit\",\"times\":5,\"for\":\"1m\"}]",
     0,
     "Calls are answered with 429, code 8 and Retry-After. The app waits that long and "
     "does not give up the install."},
    {"clock-off", "Clock 10 min off", "[]", OFF_MS,
     "Segment's clock is ten minutes ahead of ours: tokens end earlier than the app "
     "thinks, times of events lie in the future. A 401 leads to one new token, and no "
     "event is refused for its time."},
    {NULL, NULL, NULL, 0, NULL},
};

static int play(struct world *world, const struct fault_scenario *scenario,
                struct err *err)
{
    cleanup(json_freep) struct json *faults = NULL;
    unsigned id;

    if (json_parse(bytes_str(scenario->faults), &faults, err) < 0)
        return -1;
    for (size_t i = 0; i < json_count(faults); i++) {
        if (faults_set(world, json_at(faults, i), 0, &id, err) < 0)
            return -1;
    }
    if (scenario->advance_ms > 0)
        world_advance(world, scenario->advance_ms);
    return 0;
}

int faults_play(struct world *world, struct bytes scenario, struct err *err)
{
    for (size_t i = 0; fault_scenarios[i].name != NULL; i++) {
        if (bytes_eq(bytes_str(fault_scenarios[i].name), scenario))
            return play(world, &fault_scenarios[i], err);
    }
    return err_set(err, "there is no scenario %.*s", BYTES_FMT(scenario));
}
