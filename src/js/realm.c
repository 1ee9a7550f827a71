/* SPDX-License-Identifier: MIT */
#include "js/realm.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "js/frame.h"

static struct realm *realm_new(struct realms *realms, struct err *err)
{
    struct realm *realm = mem_new(struct realm);

    realm->host = realms->host;
    realm->number = ++realms->last_number;
    realm->engine = engine_new(realms->vm, realm, err);
    if (realm->engine != NULL)
        return realm;
    free(realm);
    return NULL;
}

static void realm_free(struct realm *realm)
{
    if (realm == NULL)
        return;
    engine_free(realm->engine);
    free(realm);
}

int realms_init(struct realms *realms, struct host *host, struct bytes runtime,
                const struct engine_native *const *natives, struct err *err)
{
    *realms = (struct realms){.host = host};
    buf_init(&realms->name, FRAME_BYTES);
    buf_init(&realms->source, FRAME_BYTES);
    realms->vm = engine_vm_new(runtime, natives);
    realms->ready = realm_new(realms, err);
    if (realms->ready != NULL)
        return 0;
    realms_done(realms);
    return -1;
}

void realms_done(struct realms *realms)
{
    struct list_link *link;

    while ((link = list_pop(&realms->busy)) != NULL)
        realm_free(list_entry(link, struct realm, link));
    realm_free(realms->ready);
    engine_vm_free(realms->vm);
    buf_done(&realms->name);
    buf_done(&realms->source);
}

/* @is_again: a realm before has told the host what the code is. */
static bool load_into(struct realms *realms, struct realm *realm, bool is_again,
                      struct buf *ret_why)
{
    const struct engine_value values[] = {
        ENGINE_OF(ENGINE_TEXT, buf_bytes(&realms->name)),
        ENGINE_OF(ENGINE_TEXT, buf_bytes(&realms->source)),
        ENGINE_OF_NUMBER(realms->generation),
        ENGINE_OF_NUMBER(realms->flags),
        ENGINE_OF_NUMBER(is_again),
    };

    return engine_enter(realm->engine, ENGINE_LOAD, values, COUNT(values), ret_why);
}

bool realms_load(struct realms *realms, struct bytes name, struct bytes source,
                 uint32_t generation, uint32_t flags, struct buf *ret_why)
{
    realms->is_fresh = (flags & LOAD_FRESH) != 0;
    realms->generation = generation;
    realms->flags = flags;
    if (buf_add(&realms->name, name) != 0 || buf_add(&realms->source, source) != 0)
        return false;
    return load_into(realms, realms->ready, /* is_again= */ false, ret_why);
}

bool realms_want(const struct realms *realms)
{
    return realms->is_fresh && realms->ready == NULL;
}

void realms_prepare(struct realms *realms)
{
    struct realm *realm = realm_new(realms, &(struct err){0});
    struct buf why;

    if (realm == NULL)
        return;
    buf_init(&why, FRAME_BYTES);
    if (load_into(realms, realm, /* is_again= */ true, &why))
        realms->ready = realm;
    else
        realm_free(realm);
    buf_done(&why);
}

struct realm *realms_begin(struct realms *realms, uint32_t invocation)
{
    struct realm *realm;

    if (!realms->is_fresh || realms->ready == NULL)
        return realms->ready;
    realm = realms->ready;
    realms->ready = NULL;
    realm->invocation = invocation;
    list_push(&realms->busy, &realm->link);
    return realm;
}

struct realm *realms_of(const struct realms *realms, uint32_t invocation)
{
    if (!realms->is_fresh)
        return realms->ready;
    for (struct list_link *link = realms->busy.first; link; link = link->next) {
        struct realm *realm = list_entry(link, struct realm, link);

        if (realm->invocation == invocation)
            return realm;
    }
    return NULL;
}

struct realm *realms_numbered(const struct realms *realms, uint32_t number)
{
    if (!realms->is_fresh)
        return realms->ready;
    for (struct list_link *link = realms->busy.first; link; link = link->next) {
        struct realm *realm = list_entry(link, struct realm, link);

        if (realm->number == number)
            return realm;
    }
    return NULL;
}

void realms_leave(struct realms *realms, struct realm *realm)
{
    if (!realm->is_over || realm->invocation == 0)
        return;
    list_remove(&realms->busy, &realm->link);
    realm_free(realm);
}
