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

struct parcel *parcel_new(struct bytes payload, struct bytes settings,
                          const struct event *event)
{
    struct bytes user = event->user_id.len > 0 ? event->user_id : event->anonymous_id;
    struct parcel *parcel = mem_grow(NULL, 1,
                                     sizeof(*parcel) + payload.len + settings.len +
                                         user.len + event->name.len);
    char *at = (char *)(parcel + 1);

    *parcel = (struct parcel){0};
    parcel->mail.kind = MAIL_PARCEL;
    parcel->kind = event->kind;
    parcel->is_folded = event->is_folded;
    parcel->payload = append(&at, payload);
    parcel->settings = append(&at, settings);
    parcel->user_id = append(&at, user);
    parcel->name = append(&at, event->name);
    return parcel;
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
    return sizeof(*parcel) + parcel->payload.len + parcel->settings.len +
           parcel->user_id.len + parcel->name.len;
}
