/* SPDX-License-Identifier: MIT */

#include "service/console/journal.h"

#include <stdlib.h>

#include "base/mem.h"

static struct journal_entry *entry_of(const struct journal *journal, uint64_t number)
{
    return &journal->entries[number % JOURNAL_MESSAGES];
}

static void drop_oldest(struct journal *journal)
{
    struct journal_entry *entry = entry_of(journal, journal->oldest++);

    journal->n_bytes -= entry->len;
    free(entry->text);
    *entry = (struct journal_entry){0};
}

void journal_done(struct journal *journal)
{
    while (journal->oldest < journal->next)
        drop_oldest(journal);
    free(journal->entries);
    *journal = (struct journal){0};
}

uint64_t journal_next(const struct journal *journal)
{
    return journal->next != 0 ? journal->next : 1;
}

void journal_add(struct journal *journal, struct bytes text, unsigned topic)
{
    if (journal->entries == NULL) {
        journal->entries = mem_zero(JOURNAL_MESSAGES * sizeof(*journal->entries));
        journal->oldest = journal->next = 1;
    }
    while (
        journal->next - journal->oldest >= JOURNAL_MESSAGES ||
        (journal->oldest < journal->next && journal->n_bytes + text.len > JOURNAL_BYTES))
        drop_oldest(journal);
    *entry_of(journal, journal->next++) =
        (struct journal_entry){.text = bytes_copy(text), .len = text.len, .topic = topic};
    journal->n_bytes += text.len;
}

bool journal_has_since(const struct journal *journal, uint64_t number, size_t max_bytes)
{
    size_t n_bytes = 0;

    if (number >= journal_next(journal) || number + 1 < journal->oldest)
        return false;
    for (uint64_t i = number + 1; i < journal->next && n_bytes <= max_bytes; i++)
        n_bytes += entry_of(journal, i)->len;
    return n_bytes <= max_bytes;
}

void journal_each_since(const struct journal *journal, uint64_t number,
                        void (*fn)(void *arg, const struct journal_entry *entry),
                        void *arg)
{
    for (uint64_t i = number + 1; i < journal->next; i++)
        fn(arg, entry_of(journal, i));
}
