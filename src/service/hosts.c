/* SPDX-License-Identifier: MIT */

#include "service/hosts.h"

#include "base/mem.h"
#include "sys/rand.h"

void hosts_init(struct hosts *hosts)
{
    map_init(&hosts->by_name, (const uint64_t[]){rand_u64(), rand_u64()});
}

void hosts_done(struct hosts *hosts)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;

    while (map_next(&hosts->by_name, &cursor, &key, &value)) {
        struct host *host = value;

        free(host->recent);
        free(host->name);
        free(host);
    }
    map_done(&hosts->by_name);
}

static bool is_on_host(const struct host *host, struct bytes name)
{
    struct bytes own = bytes_str(host->name);

    return own.len > name.len && bytes_starts(own, name) && own.ptr[name.len] == ':';
}

struct host *hosts_find(const struct hosts *hosts, struct bytes name)
{
    struct host *found = map_find(&hosts->by_name, name);
    size_t cursor = 0;
    struct bytes key;
    void *value;

    if (found != NULL)
        return found;
    while (map_next(&hosts->by_name, &cursor, &key, &value)) {
        if (!is_on_host(value, name))
            continue;
        if (found != NULL)
            return NULL;
        found = value;
    }
    return found;
}

struct host *hosts_get(struct hosts *hosts, struct bytes name)
{
    struct host *host;

    if (hosts->by_name.n_entries >= HOSTS_MAX && map_find(&hosts->by_name, name) == NULL)
        name = BYTES("(others)");
    host = map_find(&hosts->by_name, name);
    if (host == NULL) {
        host = mem_new(struct host);
        host->name = bytes_copy(name);
        if (hosts->by_name.n_entries < HOSTS_RECENT)
            host->recent = mem_new(struct recent);
        map_put(&hosts->by_name, name, host);
    }
    return host;
}

bool hosts_is_failure(enum outcome_transport transport, int status)
{
    /* Our own refusal and a bad URL say nothing about the host. */
    if (transport == TRANSPORT_EGRESS || transport == TRANSPORT_BAD_URL ||
        transport == TRANSPORT_TOO_LARGE)
        return false;
    return outcome_of_http(transport, status) == OUTCOME_RETRY;
}
