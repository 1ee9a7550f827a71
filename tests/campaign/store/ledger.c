/* SPDX-License-Identifier: MIT */

#include "ledger.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "content.h"

void ledger_reset(struct ledger *ledger)
{
    if (ledger->n_slots > 0)
        memset(ledger->slots, 0, ledger->n_slots * sizeof(*ledger->slots));
    ledger->n_slots = 0;
    ledger->n_undo = 0;
    ledger->is_open = ledger->is_doubted = false;
    ledger->page = (struct ledger_page){0};
}

void ledger_done(struct ledger *ledger)
{
    free(ledger->slots);
    free(ledger->undo);
    *ledger = (struct ledger){0};
}

/* --- transactions ------------------------------------------------------------------- */

/* Only as much as is used: there are many, and most facts are few. */
static void page_copy(struct ledger_page *to, const struct ledger_page *from)
{
    memcpy(to, from, offsetof(struct ledger_page, facts));
    memcpy(to->facts, from->facts, from->n_facts * sizeof(*from->facts));
}

void ledger_begin(struct ledger *ledger)
{
    assert(!ledger->is_open && !ledger->is_doubted);
    ledger->is_open = true;
    ledger->n_undo = 0;
    page_copy(&ledger->page_before, &ledger->page);
}

static void make_slots(struct ledger *ledger, size_t n)
{
    if (n > ledger->capacity) {
        size_t before = ledger->capacity;

        ledger->capacity = 2 * n;
        ledger->slots = mem_grow(ledger->slots, ledger->capacity, sizeof(*ledger->slots));
        memset(ledger->slots + before, 0,
               (ledger->capacity - before) * sizeof(*ledger->slots));
    }
    if (n > ledger->n_slots)
        ledger->n_slots = n;
}

struct slot *ledger_change(struct ledger *ledger, int64_t row)
{
    assert(ledger->is_open && row > 0);
    make_slots(ledger, (size_t)row + 1);
    if (ledger->n_undo == ledger->undo_capacity) {
        ledger->undo_capacity = 2 * ledger->undo_capacity + 64;
        ledger->undo =
            mem_grow(ledger->undo, ledger->undo_capacity, sizeof(*ledger->undo));
    }
    ledger->undo[ledger->n_undo++] =
        (struct ledger_undo){.row = row, .before = ledger->slots[row]};
    return &ledger->slots[row];
}

const struct slot *ledger_look(const struct ledger *ledger, int64_t row)
{
    static const struct slot gap;

    return row > 0 && (size_t)row < ledger->n_slots ? &ledger->slots[row] : &gap;
}

void ledger_commit(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_undo; i++)
        ledger->n_acknowledged += ledger->undo[i].before.kind == SLOT_GAP &&
                                  ledger->slots[ledger->undo[i].row].kind == SLOT_EVENT;
    ledger->is_open = ledger->is_doubted = false;
    ledger->n_undo = 0;
}

void ledger_undo(struct ledger *ledger)
{
    for (size_t i = ledger->n_undo; i > 0; i--)
        ledger->slots[ledger->undo[i - 1].row] = ledger->undo[i - 1].before;
    page_copy(&ledger->page, &ledger->page_before);
    ledger->is_open = ledger->is_doubted = false;
    ledger->n_undo = 0;
}

void ledger_doubt(struct ledger *ledger)
{
    ledger->is_doubted = ledger->is_doubted || ledger->is_open;
    ledger->is_open = false;
}

/* --- small tables ------------------------------------------------------------------- */

static size_t fact_find(const struct ledger_page *page, const char *key)
{
    size_t i = 0;

    while (i < page->n_facts && strncmp(page->facts[i], key, strlen(key)) != 0)
        i++;
    return i;
}

void ledger_fact(struct ledger *ledger, const char *key, const char *text)
{
    struct ledger_page *page = &ledger->page;
    size_t i = fact_find(page, key);

    assert(i < LEDGER_FACTS);
    snprintf(page->facts[i], LEDGER_FACT_BYTES, "%s%s", key, text);
    if (i == page->n_facts)
        page->n_facts++;
}

void ledger_no_fact(struct ledger *ledger, const char *key)
{
    struct ledger_page *page = &ledger->page;
    size_t i = fact_find(page, key);

    if (i == page->n_facts)
        return;
    page->n_facts--;
    memmove(page->facts[i], page->facts[page->n_facts], LEDGER_FACT_BYTES);
}

/* --- what may go -------------------------------------------------------------------- */

bool slot_has_ended(const struct slot *slot)
{
    return slot->state >= SLOT_DELIVERED;
}

bool ledger_event_has_ended(const struct ledger *ledger, int64_t event)
{
    if (!slot_has_ended(&ledger->slots[event]))
        return false;
    for (size_t row = (size_t)event + 1; row < ledger->n_slots; row++) {
        const struct slot *slot = &ledger->slots[row];

        if (slot->kind == SLOT_REPLAY && slot->event == event && !slot_has_ended(slot))
            return false;
    }
    return true;
}

void ledger_may_retain(struct ledger *ledger, int64_t before_ms)
{
    for (size_t row = 1; row < ledger->n_slots; row++) {
        struct slot *slot = &ledger->slots[row];

        if (slot->kind == SLOT_EVENT && !slot->is_gone && slot->at_ms < before_ms &&
            ledger_event_has_ended(ledger, (int64_t)row))
            slot->may_be_gone = true;
    }
}

void ledger_may_erase(struct ledger *ledger)
{
    for (size_t row = 1; row < ledger->n_slots; row++) {
        struct slot *slot = &ledger->slots[row];

        if (slot->kind == SLOT_EVENT && !slot->is_gone &&
            (int64_t)row <= ledger->page.erased_up_to[content_user(slot->content)] &&
            ledger_event_has_ended(ledger, (int64_t)row))
            slot->may_be_blank = true;
    }
}
