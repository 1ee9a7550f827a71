/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "steps.h"

/*
 * power - the store on a disk that loses power, whose syncs fail, that fails and fills
 * up.
 *
 *   power ROUNDS SEED             all of it; ROUNDS power cuts, as many of the rest as
 * fit power cuts|syncs|normal|lying ROUNDS SEED power calls STRIDE SEED       every
 * STRIDE-th call fails once
 *
 * 0: nothing was lost and nothing was wrong. 1: something was. normal and lying are
 * controls: 0 when as much was lost as has to be, so that we know that we would see it.
 */

enum { WORLD_ROUNDS = 8, WORLD_STEPS = 50, OPENING_CALLS = 90, CALL_STEPS = 40 };

struct counts {
    uint64_t cuts, kills, openings_cut, fails, events, transactions, calls;
    uint64_t
        unacknowledged;   /* in a transaction that was there without having been told */
    uint64_t latched;     /* stores that ended with the failure of a call */
    uint64_t worlds, bad; /* rounds after which something was wrong */
    struct findings sum;
};

struct campaign {
    struct world world;
    struct disk *disk;
    struct chance chance;
    struct counts counts;
    enum disk_fault fault;
    bool is_lying;
    bool is_quiet;   /* a control: what is wrong is what we want to see */
    bool is_content; /* and one finding is enough */
    uint64_t world_seed;
};

/* --- looking ------------------------------------------------------------------------ */

static void tell(struct campaign *campaign, const char *what, const char *text)
{
    campaign->counts.bad++;
    if (!campaign->is_quiet)
        printf("world %llu, transaction %llu: %s: %s\n",
               (unsigned long long)campaign->world_seed,
               (unsigned long long)campaign->world.n_transactions, what, text);
}

static void add(struct findings *sum, const struct findings *one)
{
    sum->lost += one->lost;
    sum->reverted += one->reverted;
    sum->halves += one->halves;
    sum->counters += one->counters;
    sum->corrupt += one->corrupt;
}

static size_t n_open(const struct ledger *ledger)
{
    size_t n = 0;

    for (size_t row = 1; row < ledger->n_slots; row++) {
        const struct slot *slot = &ledger->slots[row];

        n += slot->kind != SLOT_GAP && !slot_has_ended(slot) &&
             !ledger_look(ledger, slot->event)->is_gone;
    }
    return n;
}

/* The store was just opened: is it as it was promised? */
static bool look(struct campaign *campaign)
{
    struct world *world = &campaign->world;
    struct findings findings;

    disk_as(campaign->disk, DISK_OTHER);
    campaign->counts.unacknowledged +=
        (uint64_t)ledger_compare(&world->ledger, world->path, &findings);
    disk_as(campaign->disk, DISK_SERVICE);
    world_list_open(world);
    add(&campaign->counts.sum, &findings);
    if (findings_n(&findings) > 0)
        tell(campaign, "the ledger disagrees", findings.first);
    else if (world->wrong[0] != '\0')
        tell(campaign, "the store was wrong", world->wrong);
    else if (n_open(&world->ledger) != world->n_due)
        tell(campaign, "what waits", "the start found another number than the ledger");
    else
        return true;
    return false;
}

/* --- a round ------------------------------------------------------------------------ */

/* Opens it without any fault. False when that cannot be done: a round that was bad. */
static bool open_calmly(struct campaign *campaign)
{
    static const struct disk_plan calm = {0};

    disk_plan(campaign->disk, &calm);
    if (world_open(&campaign->world) == WORLD_GOES_ON)
        return true;
    tell(campaign, "it does not open", campaign->world.err.text);
    return false;
}

/* The service ends, and mostly the power with it. */
static void end_service(struct campaign *campaign)
{
    struct world *world = &campaign->world;

    disk_stop(campaign->disk, DISK_SERVICE);
    world_close(world);
    if (chance_in(&campaign->chance, 25)) {
        campaign->counts.kills++;
        disk_kill(campaign->disk);
        return;
    }
    campaign->counts.cuts++;
    disk_stop(campaign->disk, DISK_OTHER);
    world_leave_reader(world);
    disk_cut(campaign->disk);
}

/* What was left is opened again, perhaps not at the first try, and looked at. */
static bool come_back(struct campaign *campaign)
{
    while (chance_in(&campaign->chance, 30)) {
        const struct disk_plan plan = {
            .fault = campaign->fault,
            .at = 1 + chance_below(&campaign->chance, OPENING_CALLS)};

        disk_plan(campaign->disk, &plan);
        (void)world_open(&campaign->world);
        campaign->counts.openings_cut += disk_n_hits(campaign->disk) > 0;
        end_service(campaign);
    }
    return open_calmly(campaign) && look(campaign);
}

/* Works until the power goes. */
static bool cut_round(struct campaign *campaign)
{
    struct world *world = &campaign->world;
    const struct disk_plan plan = {.fault = DISK_STOP,
                                   .at = 1 + chance_below(&campaign->chance, 300)};
    enum world_end end = WORLD_GOES_ON;

    disk_plan(campaign->disk, &plan);
    for (int i = 0; i < WORLD_STEPS && end != WORLD_ENDS; i++)
        end = world_step(world);
    end_service(campaign);
    return come_back(campaign);
}

/* After a failed sync nothing may be acknowledged any more. */
static bool stays_latched(struct campaign *campaign, uint64_t n_before)
{
    struct world *world = &campaign->world;

    for (int i = 0; i < 3 && !world->ledger.is_doubted && world->store != NULL; i++)
        (void)steps_batch(world);
    if (world->n_transactions == n_before)
        return true;
    tell(campaign, "a sync failed", "and something was acknowledged after it");
    return false;
}

static bool sync_round(struct campaign *campaign)
{
    struct world *world = &campaign->world;
    const struct disk_plan plan = {.fault = DISK_SYNC_FAILS,
                                   .at = 1 + chance_below(&campaign->chance, 25),
                                   .redirties = chance_in(&campaign->chance, 50)};
    uint64_t n_before = 0, n_openings = 0;
    enum world_end end = WORLD_GOES_ON;

    disk_plan(campaign->disk, &plan);
    for (int i = 0; i < WORLD_STEPS && end != WORLD_ENDS; i++) {
        n_before = world->n_transactions;
        n_openings = world->n_openings;
        end = world_step(world);
        if (disk_n_hits(campaign->disk) > 0)
            break;
    }
    campaign->counts.fails += disk_n_hits(campaign->disk);
    /* One at the end of a process is nothing to the next. */
    if (disk_n_hits(campaign->disk) > 0 && n_openings == world->n_openings)
        (void)stays_latched(campaign, n_before);
    end_service(campaign);
    return come_back(campaign);
}

/* --- many --------------------------------------------------------------------------- */

static void begin_world(struct campaign *campaign, uint64_t seed)
{
    campaign->world_seed = seed;
    campaign->chance = (struct chance){chance_mix(seed + UINT64_C(2))};
    world_begin(&campaign->world, seed, (int)chance_below(&campaign->chance, 5));
    disk_lie(campaign->disk, campaign->is_lying);
    campaign->counts.worlds++;
}

static void end_world(struct campaign *campaign)
{
    campaign->counts.events += (uint64_t)campaign->world.ledger.n_acknowledged;
    campaign->counts.transactions += campaign->world.n_transactions;
    campaign->world.ledger.n_acknowledged = 0;
    campaign->world.n_transactions = 0;
    disk_stop(campaign->disk, DISK_SERVICE);
    disk_stop(campaign->disk, DISK_OTHER);
    world_close(&campaign->world);
    world_leave_reader(&campaign->world);
}

typedef bool round_fn(struct campaign *campaign);

static bool has_seen_enough(const struct campaign *campaign)
{
    return campaign->is_content && campaign->counts.bad > 0;
}

static void many_rounds(struct campaign *campaign, round_fn *round, uint64_t n,
                        uint64_t seed)
{
    uint64_t done = 0;

    for (uint64_t world = 0; done < n && !has_seen_enough(campaign); world++) {
        bool goes_on;

        begin_world(campaign, seed + world);
        goes_on = come_back(campaign);
        for (int i = 0; i < WORLD_ROUNDS && done < n && goes_on; i++, done++)
            goes_on = round(campaign);
        done += !goes_on; /* so that worlds which end at once come to an end, too */
        end_world(campaign);
    }
}

/* --- every call once ---------------------------------------------------------------- */

/* The same work again and again, each time with another call that fails. False: none was
 * left to fail. */
static bool fail_call(struct campaign *campaign, const struct disk_plan *plan,
                      uint64_t seed)
{
    struct world *world = &campaign->world;
    enum world_end end;
    bool was_hit;

    begin_world(campaign, seed);
    campaign->chance.state += plan->at; /* the same work, and another end */
    disk_shake(campaign->disk, plan->at);
    disk_plan(campaign->disk, plan);
    end = world_open(world);
    for (int i = 0; i < CALL_STEPS && end != WORLD_ENDS; i++)
        end = world_step(world);
    was_hit = disk_n_hits(campaign->disk) > 0;
    campaign->counts.fails += disk_n_hits(campaign->disk);
    campaign->counts.latched += was_hit && end == WORLD_ENDS;
    disk_plan(campaign->disk, &(struct disk_plan){0});
    if (end == WORLD_UNDONE)
        end = steps_batch(world);
    if (end == WORLD_UNDONE)
        tell(campaign, "the trouble is over", "but nothing is accepted");
    end_service(campaign);
    (void)(open_calmly(campaign) && look(campaign));
    end_world(campaign);
    return was_hit;
}

static void every_call(struct campaign *campaign, uint64_t stride, uint64_t seed)
{
    assert(stride > 0);
    campaign->world.is_slim = true;
    for (unsigned i = 0; i < 4; i++) {
        struct disk_plan plan = {.fault = i < 2 ? DISK_FAILS : DISK_FULL,
                                 .at = 1 + seed % stride,
                                 .is_lasting = i % 2 != 0};

        while (!has_seen_enough(campaign) && fail_call(campaign, &plan, seed))
            plan.at += stride;
        campaign->counts.calls += plan.at;
    }
    campaign->world.is_slim = false;
}

/* --- the program -------------------------------------------------------------------- */

static const char usage[] =
    "power ROUNDS SEED | power [control] cuts|syncs|normal|lying|calls N SEED\n";

static void print_counts(const char *name, const struct counts *counts, double seconds)
{
    const struct findings *sum = &counts->sum;

    printf(
        "%-7s %llu cuts, %llu kills, %llu of them at the start; %llu calls failed, %llu"
        " stores ended by it; %llu events and %llu transactions acknowledged, %llu more"
        " were there;\n        %u lost, %u reverted, %u in part, %u counters, %u"
        " corrupt: %llu rounds went wrong; %.1f s\n",
        name, (unsigned long long)counts->cuts, (unsigned long long)counts->kills,
        (unsigned long long)counts->openings_cut, (unsigned long long)counts->fails,
        (unsigned long long)counts->latched, (unsigned long long)counts->events,
        (unsigned long long)counts->transactions,
        (unsigned long long)counts->unacknowledged, sum->lost, sum->reverted, sum->halves,
        sum->counters, sum->corrupt, (unsigned long long)counts->bad, seconds);
    (void)fflush(stdout);
}

struct job {
    const char *name;
    uint64_t n, seed;
    bool is_control; /* something of it must go wrong, or we would not see it */
};

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of the rounds of a control that keeps no promise at all. */
static unsigned least_percent(const char *name)
{
    if (strcmp(name, "normal") == 0)
        return 20;
    return strcmp(name, "lying") == 0 ? 40 : 0;
}

static int run(struct campaign *campaign, const struct job *job)
{
    const double began = seconds_now();
    const bool is_syncs = strcmp(job->name, "syncs") == 0;

    campaign->counts = (struct counts){0};
    campaign->is_quiet = job->is_control;
    campaign->is_content = job->is_control && least_percent(job->name) == 0;
    campaign->is_lying = strcmp(job->name, "lying") == 0;
    campaign->world.syncs_normally = strcmp(job->name, "normal") == 0;
    campaign->fault = is_syncs ? DISK_SYNC_FAILS : DISK_STOP;
    if (strcmp(job->name, "calls") == 0)
        every_call(campaign, job->n, job->seed);
    else
        many_rounds(campaign, is_syncs ? sync_round : cut_round, job->n, job->seed);
    print_counts(job->name, &campaign->counts, seconds_now() - began);
    if (!job->is_control)
        return campaign->counts.bad > 0 ? 1 : 0;
    return campaign->counts.bad * 100 >= least_percent(job->name) * job->n &&
                   campaign->counts.bad > 0
               ? 0
               : 1;
}

static int run_all(struct campaign *campaign, uint64_t n, uint64_t seed)
{
    const struct job jobs[] = {
        {.name = "cuts", .n = n, .seed = seed},
        {.name = "syncs", .n = n / 5 + 1, .seed = seed},
        {.name = "calls", .n = 1 + 10000 / (n + 1), .seed = seed},
        {.name = "normal", .n = n / 20 + 20, .seed = seed, .is_control = true},
        {.name = "lying", .n = n / 20 + 20, .seed = seed, .is_control = true},
    };
    int result = 0;

    for (size_t i = 0; i < COUNT(jobs); i++)
        result |= run(campaign, &jobs[i]);
    return result;
}

static uint64_t number(const char *text)
{
    int64_t value = 0;

    return bytes_to_i64(bytes_str(text), &value) && value > 0 ? (uint64_t)value : 0;
}

static int main_in(struct campaign *campaign, int argc, char **argv)
{
    const bool is_control = argc > 1 && strcmp(argv[1], "control") == 0;

    argv += is_control;
    argc -= is_control;
    if (argc == 3 && number(argv[1]) > 0 && !is_control)
        return run_all(campaign, number(argv[1]), number(argv[2]));
    if (argc == 4 && number(argv[2]) > 0)
        return run(campaign, &(struct job){.name = argv[1],
                                           .n = number(argv[2]),
                                           .seed = number(argv[3]),
                                           .is_control = is_control});
    fputs(usage, stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct campaign *campaign = mem_new(struct campaign);
    const char *base = getenv("TMPDIR");
    char folder[64], lock[WORLD_PATH_BYTES + 8];
    int result;

    snprintf(folder, sizeof(folder), "%s/power-XXXXXX",
             base != NULL && strlen(base) < 40 ? base : "/tmp");
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 2;
    }
    campaign->disk = disk_new();
    world_init(&campaign->world, campaign->disk, folder);
    result = main_in(campaign, argc, argv);
    world_done(&campaign->world);
    disk_free(campaign->disk);
    snprintf(lock, sizeof(lock), "%s-lock", campaign->world.path);
    (void)unlink(lock);
    (void)unlink(campaign->world.path);
    (void)rmdir(folder);
    free(campaign);
    return result;
}
