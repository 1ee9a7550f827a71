/* SPDX-License-Identifier: MIT */

/* The registrar's copies of the committed rows. */

#include "base/mem.h"
#include "service/registrar_state.h"

static struct bytes copy(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

void registrar_copy_row(struct arena *arena, const struct store_install *from,
                        struct store_install *ret)
{
    *ret = *from;
    ret->app = copy(arena, from->app);
    ret->workspace = copy(arena, from->workspace);
    ret->source = copy(arena, from->source);
    ret->scope = copy(arena, from->scope);
    ret->subscription = copy(arena, from->subscription);
    ret->destination = copy(arena, from->destination);
    ret->state = copy(arena, from->state);
    ret->sealed = copy(arena, from->sealed);
    ret->drift = copy(arena, from->drift);
    ret->fault = copy(arena, from->fault);
}

void held_free(struct held *held)
{
    if (held == NULL)
        return;
    arena_done(&held->arena);
    free(held);
}

static struct held *held_find(struct registrar *registrar, int64_t number)
{
    return map_find(&registrar->held, number_bytes(&number));
}

void registrar_put(struct registrar *registrar, const struct store_install *install)
{
    struct held *held = mem_new(struct held);
    struct held *old;

    arena_init(&held->arena);
    registrar_copy_row(&held->arena, install, &held->row);
    pthread_mutex_lock(&registrar->lock);
    old = map_put(&registrar->held, number_bytes(&held->row.number), held);
    if (old != NULL)
        held->tried_at_ms = old->tried_at_ms;
    held_free(old);
    pthread_mutex_unlock(&registrar->lock);
}

void registrar_drop(struct registrar *registrar, int64_t number)
{
    pthread_mutex_lock(&registrar->lock);
    held_free(map_remove(&registrar->held, number_bytes(&number)));
    pthread_mutex_unlock(&registrar->lock);
}

bool registrar_load(struct run *run, int64_t number)
{
    const struct held *held;

    pthread_mutex_lock(&run->registrar->lock);
    held = held_find(run->registrar, number);
    if (held != NULL)
        registrar_copy_row(&run->arena, &held->row, &run->install);
    pthread_mutex_unlock(&run->registrar->lock);
    return held != NULL;
}

int64_t registrar_older(struct registrar *registrar, const struct oauth_token *token)
{
    int64_t number = 0;
    size_t cursor = 0;
    struct bytes key;
    void *value;

    pthread_mutex_lock(&registrar->lock);
    while (map_next(&registrar->held, &cursor, &key, &value)) {
        const struct store_install *row = &((const struct held *)value)->row;

        if (row->number > 0 && row->number < token->install &&
            bytes_eq(row->workspace, token->workspace) &&
            bytes_eq(row->source, token->source))
            number = row->number;
    }
    pthread_mutex_unlock(&registrar->lock);
    return number;
}

static int by_number(const void *a, const void *b)
{
    const struct held *left = *(const struct held *const *)a;
    const struct held *right = *(const struct held *const *)b;

    return (left->row.number > right->row.number) -
           (left->row.number < right->row.number);
}

void registrar_each(struct registrar *registrar, store_install_fn *fn, void *arg)
{
    cleanup(freep) struct held **rows = NULL;
    size_t n_rows = 0;
    size_t cursor = 0;
    struct bytes key;
    void *value;

    pthread_mutex_lock(&registrar->lock);
    while (map_next(&registrar->held, &cursor, &key, &value)) {
        rows = mem_grow(rows, n_rows + 1, sizeof(struct held *));
        rows[n_rows++] = value;
    }
    if (n_rows > 0)
        qsort(rows, n_rows, sizeof(struct held *), by_number);
    for (size_t i = 0; i < n_rows; i++) {
        if (rows[i]->row.number > 0)
            fn(arg, &rows[i]->row);
    }
    pthread_mutex_unlock(&registrar->lock);
}

struct count {
    size_t n;
    int64_t first;
};

static void add_to_count(void *arg, const struct store_install *install)
{
    struct count *count = arg;

    if (count->n++ == 0)
        count->first = install->number;
}

size_t registrar_count(struct registrar *registrar, int64_t *ret_number)
{
    struct count count = {0};

    registrar_each(registrar, add_to_count, &count);
    *ret_number = count.first;
    return count.n;
}

int64_t registrar_of_key(struct registrar *registrar, int64_t key)
{
    int64_t number = 0;
    size_t cursor = 0;
    struct bytes name;
    void *value;

    pthread_mutex_lock(&registrar->lock);
    while (number <= 0 && map_next(&registrar->held, &cursor, &name, &value)) {
        const struct store_install *row = &((const struct held *)value)->row;

        if (row->key == key)
            number = row->number;
    }
    pthread_mutex_unlock(&registrar->lock);
    return number > 0 ? number : 0;
}

bool registrar_has(struct registrar *registrar, int64_t number)
{
    bool has;

    pthread_mutex_lock(&registrar->lock);
    has = number > 0 && held_find(registrar, number) != NULL;
    pthread_mutex_unlock(&registrar->lock);
    return has;
}
