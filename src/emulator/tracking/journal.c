/* SPDX-License-Identifier: MIT */

#include "emulator/tracking/journal.h"

#include "base/mem.h"

/* What a place of the ring keeps for its next event. */
enum { KEPT_BYTES = 4096 };

/* An entry's texts, behind each other. */
struct texts {
    char *ptr;
    size_t capacity;
};

struct journal {
    struct texts *texts;           /* of the entry with the same index */
    struct journal_entry *entries; /* a ring: number n lies at n % JOURNAL_EVENTS */
    uint64_t n_added;
    uint64_t n_forgotten;
    struct list listeners;
};

struct journal *journal_new(struct world *world)
{
    struct journal *journal = mem_new(struct journal);

    (void)world;
    journal->entries = mem_zero(JOURNAL_EVENTS * sizeof(*journal->entries));
    journal->texts = mem_zero(JOURNAL_EVENTS * sizeof(*journal->texts));
    return journal;
}

void journal_clear(struct journal *journal)
{
    for (size_t i = 0; i < JOURNAL_EVENTS; i++) {
        free(journal->texts[i].ptr);
        journal->texts[i] = (struct texts){0};
        journal->entries[i] = (struct journal_entry){0};
    }
    journal->n_forgotten = journal->n_added;
}

/* A listener may leave while it is told. */
static void tell(const struct journal *journal, const struct journal_entry *entry)
{
    struct list_link *next;

    for (struct list_link *link = journal->listeners.first; link != NULL; link = next) {
        const struct journal_listener *listener =
            list_entry(link, struct journal_listener, link);

        next = link->next;
        listener->fn(listener->arg, entry);
    }
}

void journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    tell(journal, NULL);
    journal_clear(journal);
    free(journal->entries);
    free(journal->texts);
    free(journal);
}

/* Room for @len bytes; that of a modest entry before is used again. */
static char *room_for(struct texts *texts, size_t len)
{
    if (texts->ptr != NULL && len <= texts->capacity && texts->capacity <= KEPT_BYTES)
        return texts->ptr;
    free(texts->ptr);
    texts->capacity = len > KEPT_BYTES / 2 ? len : len + len / 4;
    texts->ptr = mem_grow(NULL, texts->capacity, 1);
    return texts->ptr;
}

static struct bytes keep(char *to, struct bytes text)
{
    if (text.len > 0)
        memcpy(to, text.ptr, text.len);
    return bytes_of(to, text.len);
}

static struct journal_entry *slot(const struct journal *journal, uint64_t number)
{
    return &journal->entries[number % JOURNAL_EVENTS];
}

void journal_add(struct journal *journal, const struct journal_entry *entry)
{
    const uint64_t number = ++journal->n_added;
    struct journal_entry *kept = slot(journal, number);
    char *room = room_for(&journal->texts[number % JOURNAL_EVENTS],
                          entry->sent.len + entry->stamped.len);

    *kept = *entry;
    kept->number = number;
    kept->sent = keep(room, entry->sent);
    kept->stamped = keep(room + entry->sent.len, entry->stamped);
    tell(journal, kept);
}

const struct journal_entry *journal_find(const struct journal *journal, uint64_t number)
{
    const struct journal_entry *entry = slot(journal, number);

    return number > 0 && entry->number == number ? entry : NULL;
}

const struct journal_entry *journal_next(const struct journal *journal,
                                         const struct journal_entry *after,
                                         struct bytes source)
{
    uint64_t number = after != NULL ? after->number : journal->n_added + 1;

    while (--number > journal->n_forgotten) {
        const struct journal_entry *entry = journal_find(journal, number);

        if (entry == NULL)
            return NULL; /* older ones have been replaced */
        if (source.len == 0 || bytes_eq(bytes_str(entry->source), source))
            return entry;
    }
    return NULL;
}

void journal_listen(struct journal *journal, struct journal_listener *listener)
{
    list_push(&journal->listeners, &listener->link);
}

void journal_unlisten(struct journal *journal, struct journal_listener *listener)
{
    list_remove(&journal->listeners, &listener->link);
}
