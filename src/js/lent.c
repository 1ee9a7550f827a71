/* SPDX-License-Identifier: MIT */
#include "js/lent.h"

#include "sys/rand.h"

enum { MAX_RANDOM_BYTES = 1 << 20 };

/* native.random(n): n bytes; undefined when it is no number up to 1 MiB */
static void lend_random(void *arg, struct engine_call *call)
{
    double wish = engine_number(call, 0);
    struct buf bytes;
    char *room;

    (void)arg;
    if (!(wish >= 0 && wish <= MAX_RANDOM_BYTES))
        return;
    buf_init(&bytes, MAX_RANDOM_BYTES + 1);
    room = buf_room(&bytes, (size_t)wish + 1);
    if (room != NULL) {
        rand_bytes(room, (size_t)wish);
        buf_grew(&bytes, (size_t)wish);
        engine_return_bytes(call, buf_bytes(&bytes));
    }
    buf_done(&bytes);
}

const struct engine_native lent_natives[] = {{"random", lend_random}, {NULL, NULL}};
