/* SPDX-License-Identifier: MIT */
#include "js/alarms.h"

#include <limits.h>

#include "base/mem.h"

struct alarm {
    struct heap_node node;
    uint64_t id;
    uint32_t invocation;
};

/* Ids are counted up by the runtime; nobody can aim at one bucket with them. */
static const uint64_t seed[2] = {1, 2};

void alarms_init(struct alarms *alarms)
{
    *alarms = (struct alarms){0};
    map_init(&alarms->by_id, seed);
}

void alarms_done(struct alarms *alarms)
{
    struct heap_node *node;

    while ((node = heap_pop_due(&alarms->heap, INT64_MAX)) != NULL)
        free(container_of(node, struct alarm, node));
    heap_done(&alarms->heap);
    map_done(&alarms->by_id);
}

void alarms_set(struct alarms *alarms, uint64_t id, uint32_t invocation, int64_t at_ms)
{
    struct alarm *alarm = mem_new(struct alarm);

    alarms_stop(alarms, id);
    alarm->id = id;
    alarm->invocation = invocation;
    alarm->node.at = at_ms;
    alarm->node.tie = alarms->n_set++;
    heap_push(&alarms->heap, &alarm->node);
    (void)map_put(&alarms->by_id, bytes_of(&id, sizeof(id)), alarm);
}

void alarms_stop(struct alarms *alarms, uint64_t id)
{
    struct alarm *alarm = map_remove(&alarms->by_id, bytes_of(&id, sizeof(id)));

    if (alarm == NULL)
        return;
    heap_remove(&alarms->heap, &alarm->node);
    free(alarm);
}

size_t alarms_count(const struct alarms *alarms)
{
    return alarms->heap.n_nodes;
}

bool alarms_ring(struct alarms *alarms, int64_t now_ms, uint64_t *ret_id,
                 uint32_t *ret_invocation)
{
    struct heap_node *node = heap_pop_due(&alarms->heap, now_ms);
    struct alarm *alarm;

    if (node == NULL)
        return false;
    alarm = container_of(node, struct alarm, node);
    *ret_id = alarm->id;
    *ret_invocation = alarm->invocation;
    (void)map_remove(&alarms->by_id, bytes_of(&alarm->id, sizeof(alarm->id)));
    free(alarm);
    return true;
}

int alarms_wait_ms(const struct alarms *alarms, int64_t now_ms)
{
    const struct heap_node *node = heap_peek(&alarms->heap);

    if (node == NULL)
        return -1;
    if (node->at <= now_ms)
        return 0;
    return node->at - now_ms < INT_MAX ? (int)(node->at - now_ms) : INT_MAX;
}
