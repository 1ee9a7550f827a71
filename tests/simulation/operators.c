/* SPDX-License-Identifier: MIT */

#include "simulation/operators.h"

#include "base/mem.h"
#include "service/courier.h"
#include "service/keeper.h"
#include "simulation/fakes.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"
#include "simulation/partners.h"
#include "simulation/process.h"
#include "sys/clock.h"
#include "sys/mailbox.h"

enum { REPLAY_MOST = 20, LOOK_AGAIN_US = 5000000 };

struct act { /* of an operator, on its way through the process */
    struct order order;
    struct errand errand;
    int partner;
    bool is_paused;
    int64_t picked[REPLAY_MOST]; /* rows */
    size_t n_picked;
    int64_t created_at_ms;
    struct due *due;
};

static struct {
    const struct options *options;
    struct chance chance;
    struct alarm next;
    int n_clean;   /* looks that found nothing paused */
    int n_replays; /* asked for; keeper has not told how it went */
} fake;

/* --- pause, as /api/v1/endpoints does ----------------------------------------------- */

static int run_remember(struct errand *errand, struct store *store, struct err *err)
{
    const struct act *act = container_of(errand, struct act, errand);
    char host[32];

    partners_host(act->partner, host);
    return store_set_paused(store, bytes_str(host), act->is_paused, clock_wall_ms(), err);
}

static void finish_remember(struct errand *errand, const struct err *err)
{
    (void)err;
    free(container_of(errand, struct act, errand));
}

static void run_pause(struct courier *courier, struct order *order)
{
    struct act *act = container_of(order, struct act, order);
    bool is_known;
    char host[32];

    if (fake_sys_is_dead() || !process_is_up()) {
        free(act);
        return;
    }
    partners_host(act->partner, host);
    oracle_turn_ends();
    if (!act->is_paused)
        oracle_paused(act->partner, false);
    is_known = courier_pause(courier, bytes_str(host), act->is_paused);
    if (act->is_paused && is_known)
        oracle_paused(act->partner, true);
    oracle_turn_ends();
    act->errand.run_fn = run_remember;
    act->errand.finish_fn = finish_remember;
    keeper_errand(process_keeper(), &act->errand);
}

static void pause_partner(int partner, bool is_paused)
{
    struct act *act = mem_new(struct act);

    act->partner = partner;
    act->is_paused = is_paused;
    act->order.run_fn = run_pause;
    courier_order(process_courier(), &act->order);
}

/* --- replay, as /api/v1/replays does ------------------------------------------------ */

static int add_delivery(struct act *act, int64_t picked, int64_t replay,
                        struct store *store, struct err *err)
{
    const struct fake_row *row = fake_store_row(picked);
    struct store_delivery delivery = {
        .event = row->delivery.event,
        .created_at_ms = act->created_at_ms,
        .subscription = row->delivery.subscription,
        .replay = replay,
        .state = DELIVERY_QUEUED,
    };

    delivery.row = store_next_row(store);
    due_add(act->due, &delivery);
    if (store_put_delivery(store, &delivery, err) < 0)
        return -1;
    return store_supersede_dead(store, picked, replay, err);
}

static int run_replay(struct errand *errand, struct store *store, struct err *err)
{
    struct act *act = container_of(errand, struct act, errand);
    int64_t replay;
    int result;

    due_free(act->due);
    act->due = due_new();
    result = store_add_replay(store, BYTES(""), (int64_t)act->n_picked,
                              act->created_at_ms, &replay, err);
    for (size_t i = 0; i < act->n_picked && result == 0; i++)
        result = add_delivery(act, act->picked[i], replay, store, err);
    errand->change.replayed = (int64_t)act->n_picked;
    return result;
}

static void finish_replay(struct errand *errand, const struct err *err)
{
    struct act *act = container_of(errand, struct act, errand);

    if (err == NULL && !fake_sys_is_dead()) {
        tally_replay(process_tally(), (int64_t)act->n_picked);
        mailbox_force(courier_box(process_courier()), &take(act->due)->mail.link);
    }
    fake.n_replays--;
    due_free(act->due);
    free(act);
}

static void replay_some(void)
{
    struct act *act = mem_new(struct act);
    int64_t n_wanted = chance_between(&fake.chance, 1, REPLAY_MOST);

    for (int i = 0; i < 4 * REPLAY_MOST && (int64_t)act->n_picked < n_wanted; i++) {
        int64_t number = 1 + chance_below(&fake.chance, fake_store_n_rows() - 1);
        const struct fake_row *row;

        if (number >= fake_store_n_rows())
            break;
        row = fake_store_row(number);
        if (row->has_delivery && delivery_is_terminal(row->delivery.state))
            act->picked[act->n_picked++] = number;
    }
    if (act->n_picked == 0) {
        free(act);
        return;
    }
    act->created_at_ms = clock_wall_ms();
    act->errand.run_fn = run_replay;
    act->errand.finish_fn = finish_replay;
    fake.n_replays++;
    keeper_errand(process_keeper(), &act->errand);
}

/* --- limits ------------------------------------------------------------------------- */

static void change_limits(void)
{
    struct line_options lines[LINES_MAX];
    struct line_options *line = &lines[chance_below(&fake.chance, fake.options->n_lines)];
    struct line_options drawn = {0};

    memcpy(lines, process_lines(), sizeof(lines));
    options_draw_line(&drawn, &fake.chance);
    drawn.partner = line->partner;
    drawn.is_inline = line->is_inline;
    drawn.has_function = line->has_function;
    drawn.is_isolated = line->is_isolated;
    *line = drawn;
    process_reload(lines);
}

/* --- who does what when ------------------------------------------------------------- */

static void on_next(void *arg)
{
    (void)arg;
    if (process_is_up()) {
        int64_t what = chance_below(&fake.chance, 4);

        if (what == 0)
            replay_some();
        else if (what == 1)
            change_limits();
        else
            pause_partner((int)chance_below(&fake.chance, fake.options->n_partners),
                          chance_is(&fake.chance, 500));
    }
    alarm_set(&fake.next,
              1000 * chance_between(&fake.chance, 1, 2 * fake.options->operate_every_ms));
}

/* After the faults: until nothing is paused any more. */
static void on_resume(void *arg)
{
    bool is_again = false;

    (void)arg;
    for (int i = 0; i < fake.options->n_partners; i++) {
        char host[32];

        partners_host(i, host);
        if (!fake_store_is_paused(host) && !oracle_is_paused(i))
            continue;
        is_again = true;
        if (process_is_up())
            pause_partner(i, false);
    }
    /* The last pause may still have been on its way. */
    fake.n_clean = is_again ? 0 : fake.n_clean + 1;
    if (fake.n_clean < 3)
        alarm_set(&fake.next, LOOK_AGAIN_US);
}

void operators_reset(const struct options *options)
{
    memset(&fake, 0, sizeof(fake));
    fake.options = options;
    chance_init(&fake.chance, options->seed, "operators");
    alarm_init(&fake.next, on_next, NULL);
    if (options->operate_every_ms > 0)
        alarm_set(&fake.next, options->operate_every_ms * 1000);
}

void operators_stop(void)
{
    alarm_stop(&fake.next);
    alarm_init(&fake.next, on_resume, NULL);
    alarm_set(&fake.next, 0);
}

bool operators_are_done(void)
{
    return fake.n_replays == 0;
}

void operators_done(void)
{
    alarm_stop(&fake.next);
}
