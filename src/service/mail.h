/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * mail - everything that the threads may say to each other (style §3.7).
 *
 *   front ──RECEIPT──▶ keeper ──PARCEL, DUE──▶ courier ──SETTLEMENT, LOAD──▶ keeper
 *                        ▲                        ▲  ◀──(the same letter, done)──┘
 *      anyone ──ERRAND───┘          service ──ORDER┘
 *
 * A letter begins with a struct mail; posting it moves its ownership. A question comes
 * back as the same letter, so answers need no room of their own.
 */

#include "base/list.h"

enum mail_kind {
    MAIL_NONE = 0,
    MAIL_RECEIPT,    /* service/receipt.h: events of one request, to be stored */
    MAIL_PARCEL,     /* service/parcel.h: one stored event, to be delivered */
    MAIL_DUE,        /* service/due.h: stored deliveries without their bytes */
    MAIL_SETTLEMENT, /* service/settlement.h: an attempt's end; comes back when durable */
    MAIL_LOAD,       /* service/load.h: the bytes of an event, please; comes back */
    MAIL_ERRAND,     /* service/errand.h: a small write by an administrator */
    MAIL_ORDER,      /* service/order.h: something for courier to do */
};

struct mail {
    struct list_link link;
    enum mail_kind kind;
};

#define mail_of(link_pointer) list_entry((link_pointer), struct mail, link)
#define mail_letter(mail_pointer, type) container_of((mail_pointer), type, mail)
