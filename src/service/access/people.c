/* SPDX-License-Identifier: MIT */

#include "service/access/people.h"

#include <pthread.h>
#include <stdio.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/people.h"
#include "sys/rand.h"

enum { NEWS_MS = 60 * 1000 };

struct user_entry {
    struct list_link link;
    struct person person;
};
struct session_entry {
    struct list_link link;
    struct session session;
    int64_t saved_at_ms; /* the use that the store knows */
};
struct invitation_entry {
    struct list_link link;
    struct invitation invitation;
};

struct people {
    pthread_mutex_t lock;
    struct list users, sessions, invitations;
    struct map by_hash; /* sessions */
};

struct people *people_new(void)
{
    struct people *people = mem_new(struct people);
    const uint64_t seed[2] = {rand_u64(), rand_u64()};

    pthread_mutex_init(&people->lock, NULL);
    map_init(&people->by_hash, seed);
    return people;
}

void people_free(struct people *people)
{
    struct list_link *link;

    if (people == NULL)
        return;
    while ((link = list_pop(&people->users)) != NULL)
        free(list_entry(link, struct user_entry, link));
    while ((link = list_pop(&people->sessions)) != NULL)
        free(list_entry(link, struct session_entry, link));
    while ((link = list_pop(&people->invitations)) != NULL)
        free(list_entry(link, struct invitation_entry, link));
    map_done(&people->by_hash);
    pthread_mutex_destroy(&people->lock);
    free(people);
}

/* --- from the store ------------------------------------------------------------------
 */

static void load_user(void *arg, const struct store_user *user)
{
    struct person person = {.row = user->row,
                            .role = keyring_role_parse(user->role),
                            .created_at_ms = user->created_at_ms,
                            .changed_at_ms = user->changed_at_ms};

    snprintf(person.name, sizeof(person.name), "%.*s", BYTES_FMT(user->name));
    snprintf(person.password, sizeof(person.password), "%.*s", BYTES_FMT(user->password));
    people_put(arg, &person);
}

static void load_session(void *arg, const struct store_session *stored)
{
    struct session session = {.row = stored->row,
                              .user = stored->user,
                              .created_at_ms = stored->created_at_ms,
                              .used_at_ms = stored->used_at_ms,
                              .expires_at_ms = stored->expires_at_ms};

    memcpy(session.hash, stored->hash, sizeof(session.hash));
    people_put_session(arg, &session);
}

static void load_invitation(void *arg, const struct store_invitation *stored)
{
    struct invitation invitation = {.user = stored->user,
                                    .expires_at_ms = stored->expires_at_ms};

    memcpy(invitation.hash, stored->hash, sizeof(invitation.hash));
    people_put_invitation(arg, &invitation);
}

int people_load(struct people *people, struct store *store, struct err *err)
{
    if (store_each_user(store, load_user, people, err) < 0 ||
        store_each_session(store, load_session, people, err) < 0)
        return -1;
    return store_each_invitation(store, load_invitation, people, err);
}

/* --- under the lock ------------------------------------------------------------------
 */

static struct bytes hash_bytes(const uint8_t *hash)
{
    return bytes_of(hash, VAULT_HASH_LEN);
}

static struct user_entry *find_user(const struct people *people, int64_t row)
{
    for (struct list_link *link = people->users.first; link != NULL; link = link->next) {
        struct user_entry *entry = list_entry(link, struct user_entry, link);

        if (entry->person.row == row)
            return entry;
    }
    return NULL;
}

static struct session_entry *find_session(const struct people *people, int64_t row)
{
    for (struct list_link *link = people->sessions.first; link != NULL;
         link = link->next) {
        struct session_entry *entry = list_entry(link, struct session_entry, link);

        if (entry->session.row == row)
            return entry;
    }
    return NULL;
}

static void drop_session(struct people *people, struct session_entry *entry)
{
    map_remove(&people->by_hash, hash_bytes(entry->session.hash));
    list_remove(&people->sessions, &entry->link);
    free(entry);
}

static void drop_sessions(struct people *people, int64_t user, int64_t except)
{
    struct list_link *link = people->sessions.first;

    while (link != NULL) {
        struct session_entry *entry = list_entry(link, struct session_entry, link);

        link = link->next;
        if (entry->session.user == user && entry->session.row != except)
            drop_session(people, entry);
    }
}

static void drop_invitation(struct people *people, int64_t user)
{
    struct list_link *link = people->invitations.first;

    while (link != NULL) {
        struct invitation_entry *entry = list_entry(link, struct invitation_entry, link);

        link = link->next;
        if (entry->invitation.user != user)
            continue;
        list_remove(&people->invitations, &entry->link);
        free(entry);
    }
}

static int64_t end_of(const struct session *session)
{
    const int64_t idle_ms = session->used_at_ms + PEOPLE_IDLE_MS;

    return idle_ms < session->expires_at_ms ? idle_ms : session->expires_at_ms;
}

/* The clock may have been set back: then a session has no future to be used in. */
static bool lasts(const struct session *session, int64_t now_ms)
{
    return now_ms < end_of(session) && now_ms >= session->created_at_ms - PEOPLE_IDLE_MS;
}

static struct session_entry *find_lasting(const struct people *people,
                                          const uint8_t hash[VAULT_HASH_LEN],
                                          int64_t now_ms, struct principal *principal)
{
    struct session_entry *entry = map_find(&people->by_hash, hash_bytes(hash));
    const struct user_entry *user;

    if (entry == NULL || !lasts(&entry->session, now_ms))
        return NULL;
    user = find_user(people, entry->session.user);
    if (user == NULL)
        return NULL;
    *principal = (struct principal){.kind = PRINCIPAL_USER,
                                    .role = user->person.role,
                                    .row = user->person.row,
                                    .session = entry->session.row,
                                    .expires_at_ms = entry->session.expires_at_ms};
    memcpy(principal->hash, hash, VAULT_HASH_LEN);
    snprintf(principal->name, sizeof(principal->name), "%s", user->person.name);
    return entry;
}

/* --- questions -----------------------------------------------------------------------
 */

size_t people_count(struct people *people)
{
    size_t n;

    pthread_mutex_lock(&people->lock);
    n = people->users.n_links;
    pthread_mutex_unlock(&people->lock);
    return n;
}

bool people_by_name(struct people *people, struct bytes name, struct person *ret_person)
{
    bool is_there = false;

    pthread_mutex_lock(&people->lock);
    for (struct list_link *link = people->users.first; link != NULL && !is_there;
         link = link->next) {
        const struct user_entry *entry = list_entry(link, struct user_entry, link);

        is_there = bytes_eq_nocase(bytes_str(entry->person.name), name);
        if (is_there)
            *ret_person = entry->person;
    }
    pthread_mutex_unlock(&people->lock);
    return is_there;
}

bool people_by_row(struct people *people, int64_t row, struct person *ret_person)
{
    const struct user_entry *entry;

    pthread_mutex_lock(&people->lock);
    entry = find_user(people, row);
    if (entry != NULL)
        *ret_person = entry->person;
    pthread_mutex_unlock(&people->lock);
    return entry != NULL;
}

bool people_have_admin_but(struct people *people, int64_t row)
{
    bool is_there = false;

    pthread_mutex_lock(&people->lock);
    for (struct list_link *link = people->users.first; link != NULL; link = link->next) {
        const struct person *person = &list_entry(link, struct user_entry, link)->person;

        is_there |= person->row != row && person->role == KEYRING_ADMIN &&
                    person->password[0] != '\0';
    }
    pthread_mutex_unlock(&people->lock);
    return is_there;
}

bool people_enter(struct people *people, const uint8_t hash[VAULT_HASH_LEN],
                  int64_t now_ms, struct principal *ret_principal, bool *ret_is_news)
{
    struct session_entry *entry;

    *ret_is_news = false;
    pthread_mutex_lock(&people->lock);
    entry = find_lasting(people, hash, now_ms, ret_principal);
    if (entry != NULL) {
        entry->session.used_at_ms = now_ms;
        *ret_is_news = now_ms >= entry->saved_at_ms + NEWS_MS;
        if (*ret_is_news)
            entry->saved_at_ms = now_ms;
    }
    pthread_mutex_unlock(&people->lock);
    return entry != NULL;
}

bool people_know(struct people *people, const uint8_t hash[VAULT_HASH_LEN],
                 int64_t now_ms, struct principal *ret_principal)
{
    const struct session_entry *entry;

    pthread_mutex_lock(&people->lock);
    entry = find_lasting(people, hash, now_ms, ret_principal);
    pthread_mutex_unlock(&people->lock);
    return entry != NULL;
}

bool people_session(struct people *people, int64_t row, struct session *ret_session)
{
    const struct session_entry *entry;

    pthread_mutex_lock(&people->lock);
    entry = find_session(people, row);
    if (entry != NULL)
        *ret_session = entry->session;
    pthread_mutex_unlock(&people->lock);
    return entry != NULL;
}

bool people_invitation(struct people *people, const uint8_t hash[VAULT_HASH_LEN],
                       int64_t now_ms, struct invitation *ret_invitation)
{
    bool is_there = false;

    pthread_mutex_lock(&people->lock);
    for (struct list_link *link = people->invitations.first; link != NULL && !is_there;
         link = link->next) {
        const struct invitation *invitation =
            &list_entry(link, struct invitation_entry, link)->invitation;

        is_there = now_ms < invitation->expires_at_ms &&
                   memcmp(invitation->hash, hash, VAULT_HASH_LEN) == 0;
        if (is_there)
            *ret_invitation = *invitation;
    }
    pthread_mutex_unlock(&people->lock);
    return is_there;
}

void people_each(struct people *people, people_fn *fn, void *arg)
{
    cleanup(freep) struct person *copies = NULL;
    size_t n = 0;

    pthread_mutex_lock(&people->lock);
    copies = mem_grow(NULL, people->users.n_links + 1, sizeof(*copies));
    for (struct list_link *link = people->users.first; link != NULL; link = link->next)
        copies[n++] = list_entry(link, struct user_entry, link)->person;
    pthread_mutex_unlock(&people->lock);
    for (size_t i = 0; i < n; i++)
        fn(arg, &copies[i]);
}

void people_each_session(struct people *people, int64_t now_ms, people_session_fn *fn,
                         void *arg)
{
    cleanup(freep) struct session *copies = NULL;
    size_t n = 0;

    pthread_mutex_lock(&people->lock);
    copies = mem_grow(NULL, people->sessions.n_links + 1, sizeof(*copies));
    for (struct list_link *link = people->sessions.first; link != NULL;
         link = link->next) {
        const struct session_entry *entry = list_entry(link, struct session_entry, link);

        if (lasts(&entry->session, now_ms))
            copies[n++] = entry->session;
    }
    pthread_mutex_unlock(&people->lock);
    for (size_t i = 0; i < n; i++)
        fn(arg, &copies[i]);
}

int64_t people_oldest_session(struct people *people, int64_t user)
{
    int64_t oldest = 0;
    size_t n = 0;

    pthread_mutex_lock(&people->lock);
    for (struct list_link *link = people->sessions.first; link != NULL;
         link = link->next) {
        const struct session_entry *entry = list_entry(link, struct session_entry, link);

        if (entry->session.user != user)
            continue;
        n++;
        if (oldest == 0)
            oldest = entry->session.row;
    }
    pthread_mutex_unlock(&people->lock);
    return n >= PEOPLE_SESSIONS ? oldest : 0;
}

/* --- changes -------------------------------------------------------------------------
 */

void people_put(struct people *people, const struct person *person)
{
    struct user_entry *entry;

    pthread_mutex_lock(&people->lock);
    entry = find_user(people, person->row);
    if (entry == NULL) {
        entry = mem_new(struct user_entry);
        list_push(&people->users, &entry->link);
    }
    entry->person = *person;
    pthread_mutex_unlock(&people->lock);
}

void people_remove(struct people *people, int64_t row)
{
    struct user_entry *entry;

    pthread_mutex_lock(&people->lock);
    entry = find_user(people, row);
    if (entry != NULL) {
        list_remove(&people->users, &entry->link);
        free(entry);
    }
    drop_sessions(people, row, 0);
    drop_invitation(people, row);
    pthread_mutex_unlock(&people->lock);
}

void people_put_session(struct people *people, const struct session *session)
{
    struct session_entry *entry = mem_new(struct session_entry);

    entry->session = *session;
    entry->saved_at_ms = session->used_at_ms;
    pthread_mutex_lock(&people->lock);
    list_push(&people->sessions, &entry->link);
    map_put(&people->by_hash, hash_bytes(entry->session.hash), entry);
    pthread_mutex_unlock(&people->lock);
}

void people_end_session(struct people *people, int64_t row)
{
    struct session_entry *entry;

    pthread_mutex_lock(&people->lock);
    entry = find_session(people, row);
    if (entry != NULL)
        drop_session(people, entry);
    pthread_mutex_unlock(&people->lock);
}

void people_end_sessions(struct people *people, int64_t user, int64_t except)
{
    pthread_mutex_lock(&people->lock);
    drop_sessions(people, user, except);
    pthread_mutex_unlock(&people->lock);
}

void people_forget(struct people *people, int64_t now_ms)
{
    struct list_link *link;

    pthread_mutex_lock(&people->lock);
    link = people->sessions.first;
    while (link != NULL) {
        struct session_entry *entry = list_entry(link, struct session_entry, link);

        link = link->next;
        if (now_ms >= end_of(&entry->session))
            drop_session(people, entry);
    }
    pthread_mutex_unlock(&people->lock);
}

void people_put_invitation(struct people *people, const struct invitation *invitation)
{
    struct invitation_entry *entry = mem_new(struct invitation_entry);

    entry->invitation = *invitation;
    pthread_mutex_lock(&people->lock);
    drop_invitation(people, invitation->user);
    list_push(&people->invitations, &entry->link);
    pthread_mutex_unlock(&people->lock);
}

void people_drop_invitation(struct people *people, int64_t user)
{
    pthread_mutex_lock(&people->lock);
    drop_invitation(people, user);
    pthread_mutex_unlock(&people->lock);
}
