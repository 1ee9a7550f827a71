/* SPDX-License-Identifier: MIT */

#include "service/access/doorman.h"

#include <pthread.h>
#include <stdio.h>

#include "base/mem.h"
#include "service/access/entry.h"
#include "sys/clock.h"
#include "sys/rand.h"

struct doorman {
    pthread_mutex_t lock;
    struct guess *guess;
};

struct doorman *doorman_new(void)
{
    struct doorman *doorman = mem_new(struct doorman);
    const uint64_t seed[2] = {rand_u64(), rand_u64()};

    pthread_mutex_init(&doorman->lock, NULL);
    doorman->guess = guess_new(seed);
    return doorman;
}

void doorman_free(struct doorman *doorman)
{
    if (doorman == NULL)
        return;
    guess_free(doorman->guess);
    pthread_mutex_destroy(&doorman->lock);
    free(doorman);
}

static bool ask(struct doorman *doorman, const struct guess_try *try,
                int64_t *ret_wait_ms)
{
    enum guess_verdict verdict;

    pthread_mutex_lock(&doorman->lock);
    verdict = guess_ask(doorman->guess, try, clock_now_ms(), ret_wait_ms);
    pthread_mutex_unlock(&doorman->lock);
    return verdict == GUESS_LOOK;
}

static void right(struct doorman *doorman, const struct guess_try *try)
{
    pthread_mutex_lock(&doorman->lock);
    guess_right(doorman->guess, try);
    pthread_mutex_unlock(&doorman->lock);
}

static struct guess_try try_of(const struct entry *entry)
{
    return (struct guess_try){.account = bytes_str(entry->account),
                              .address = bytes_str(entry->address),
                              .is_known = entry->is_known};
}

bool doorman_lets(struct doorman *doorman, const struct server_request *request,
                  struct entry *entry, int64_t *ret_wait_ms)
{
    char device[DEVICE_NAME_BYTES];
    struct guess_try try;

    for (size_t i = 0; entry->name[i] != '\0'; i++)
        entry->account[i] = (char)(entry->name[i] >= 'A' && entry->name[i] <= 'Z'
                                       ? entry->name[i] + ('a' - 'A')
                                       : entry->name[i]);
    entry->is_known = entry->person.row != 0 && device_knows(entry->site->vault, request,
                                                             entry->person.row, device);
    if (entry->is_known)
        snprintf(entry->address, sizeof(entry->address), "%s", device);
    try = try_of(entry);
    return ask(doorman, &try, ret_wait_ms);
}

void doorman_right(struct doorman *doorman, const struct entry *entry)
{
    const struct guess_try try = try_of(entry);

    right(doorman, &try);
}

/* A session is as good as a browser that is known. */
static struct guess_try try_of_user(const struct principal *principal)
{
    return (struct guess_try){.account = bytes_str(principal->name),
                              .address = BYTES("session"),
                              .is_known = true};
}

bool doorman_lets_user(struct doorman *doorman, const struct principal *principal,
                       int64_t *ret_wait_ms)
{
    const struct guess_try try = try_of_user(principal);

    return ask(doorman, &try, ret_wait_ms);
}

void doorman_right_user(struct doorman *doorman, const struct principal *principal)
{
    const struct guess_try try = try_of_user(principal);

    right(doorman, &try);
}
