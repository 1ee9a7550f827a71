/* SPDX-License-Identifier: MIT */

#include "service/parcel.h"

#include "base/mem.h"
#include "base/secret.h"

static struct bytes append(char **at, struct bytes bytes)
{
    struct bytes copy = bytes_of(*at, bytes.len);

    if (bytes.len > 0)
        memcpy(*at, bytes.ptr, bytes.len);
    *at += bytes.len;
    return copy;
}

/* The parts of a head that may lie anywhere. */
enum { N_PARTS = 6 };

struct parts {
    struct bytes *of[N_PARTS];
};

static struct parts parts_of(struct event_head *head)
{
    return (struct parts){{&head->name, &head->user_id, &head->anonymous_id,
                           &head->group_id, &head->previous_id, &head->message_id}};
}

static bool is_inside(struct bytes part, struct bytes payload)
{
    return (uintptr_t)part.ptr - (uintptr_t)payload.ptr < payload.len;
}

/* What had to be unescaped is no slice of the payload. */
static size_t loose_bytes(const struct parts *parts, struct bytes payload)
{
    size_t n_bytes = 0;

    for (size_t i = 0; i < N_PARTS; i++)
        n_bytes += is_inside(*parts->of[i], payload) ? 0 : parts->of[i]->len;
    return n_bytes;
}

/* The same slices of the payload's copy. */
static void move(const struct parts *parts, struct bytes payload, struct bytes copy,
                 char **at)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        struct bytes *part = parts->of[i];

        if (is_inside(*part, payload))
            *part = bytes_of(copy.ptr + (part->ptr - payload.ptr), part->len);
        else
            *part = append(at, *part);
    }
}

struct parcel *parcel_new(struct bytes payload, struct bytes settings,
                          const struct event *event)
{
    struct event_head head = event_head_of(event);
    const struct parts parts = parts_of(&head);
    const size_t n_bytes = payload.len + settings.len + loose_bytes(&parts, payload);
    struct parcel *parcel = mem_grow(NULL, 1, sizeof(*parcel) + n_bytes);
    char *at = (char *)(parcel + 1);

    *parcel = (struct parcel){
        .mail.kind = MAIL_PARCEL, .n_bytes = n_bytes, .is_folded = event->is_folded};
    parcel->payload = append(&at, payload);
    parcel->settings = append(&at, settings);
    move(&parts, payload, parcel->payload, &at);
    parcel->head = head;
    return parcel;
}

struct bytes parcel_user(const struct parcel *parcel)
{
    return parcel->head.user_id.len > 0 ? parcel->head.user_id
                                        : parcel->head.anonymous_id;
}

void parcel_free(struct parcel *parcel)
{
    if (parcel == NULL)
        return;
    if (parcel->settings.len > 0)
        secret_wipe((char *)(parcel + 1) + parcel->payload.len, parcel->settings.len);
    free(parcel);
}

size_t parcel_bytes(const struct parcel *parcel)
{
    return sizeof(*parcel) + parcel->n_bytes;
}
