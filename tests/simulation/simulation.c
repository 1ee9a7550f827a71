/* SPDX-License-Identifier: MIT */

/*
 * simulation - months of the service in seconds, of a world that a seed decides.
 *
 *   simulation --seed S [--log]           one world, its options and what happened in it
 *   simulation --seeds N [--from S]       N worlds; one in a hundred runs twice
 *   simulation --seconds T [--from S]     as many as fit into T seconds
 *
 * Exits with 1 at the first broken invariant and says which seed shows it again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "simulation/customers.h"
#include "simulation/fakes.h"
#include "simulation/jumps.h"
#include "simulation/kernel.h"
#include "simulation/operators.h"
#include "simulation/oracle.h"
#include "simulation/partners.h"
#include "simulation/process.h"

enum { TWICE_EVERY = 100 };

static const int64_t first_wall_ms = 1800000000000; /* January 2027 */

struct sums {
    uint64_t n_worlds, n_steps, n_rows, n_attempts, n_deaths;
    double simulated_s;
    uint64_t traces; /* of all worlds: equal under every compiler */
};

static void begin_world(const struct options *options)
{
    kernel_reset(first_wall_ms);
    fake_sys_reset(options->seed);
    fake_sys_let_fail(!options_are_mild(options));
    fake_store_reset(options->seed, &options->store, options->dedupe_ms);
    oracle_reset(options);
    partners_reset(options);
    customers_reset(options);
    operators_reset(options);
    jumps_reset(options);
    process_reset(options);
}

static void step(void)
{
    if (!kernel_step())
        oracle_fail("I12", "nothing happens any more");
}

static void live_through_faults(const struct options *options)
{
    int64_t until_us = kernel_now_us() + options->length_ms * 1000;

    while (kernel_now_us() < until_us)
        step();
}

/* Faults end; what is ours must come to its end within the time that its policy allows.
 */
static void heal(void)
{
    int64_t until_us;

    jumps_stop();
    fake_sys_let_fail(false);
    fake_store_heal();
    partners_heal();
    process_heal();
    customers_stop();
    operators_stop();
    until_us = kernel_now_us() + oracle_healed();
    while (!customers_are_done() || !operators_are_done() || !oracle_is_done() ||
           !process_is_up()) {
        if (kernel_now_us() > until_us)
            oracle_fail_late();
        step();
    }
}

static void end_world(void)
{
    process_done();
    operators_done();
    customers_done();
    partners_done();
}

static uint64_t run_world(const struct options *options, struct sums *sums)
{
    begin_world(options);
    live_through_faults(options);
    heal();
    end_world();
    oracle_finish();
    sums->n_worlds++;
    sums->n_steps += kernel_n_steps();
    sums->n_rows += (uint64_t)fake_store_n_rows();
    sums->n_attempts += (uint64_t)fake_store_tally()->attempts;
    sums->n_deaths += process_n_deaths();
    sums->simulated_s += (double)kernel_now_us() / 1e6;
    fake_store_done();
    return kernel_trace_hash();
}

static void run_seed(uint64_t seed, bool is_twice, struct sums *sums)
{
    struct options options;
    uint64_t hash;

    options_draw(&options, seed);
    hash = run_world(&options, sums);
    sums->traces = sums->traces * 31 + hash;
    if (is_twice && run_world(&options, sums) != hash)
        oracle_fail("determinism", "the second run of seed %llu was another one",
                    (unsigned long long)seed);
}

static double real_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_sums(const struct sums *sums, double seconds)
{
    printf("%llu worlds, %.1f simulated days, %llu events and replays, %llu attempts,"
           " %llu deaths, %llu steps, %llu checks in %.1f s:\n"
           "%.1f simulated days and %.0f events a second; trace %016llx\n",
           (unsigned long long)sums->n_worlds, sums->simulated_s / 86400,
           (unsigned long long)sums->n_rows, (unsigned long long)sums->n_attempts,
           (unsigned long long)sums->n_deaths, (unsigned long long)sums->n_steps,
           (unsigned long long)oracle_n_checks(), seconds,
           sums->simulated_s / 86400 / seconds, (double)sums->n_rows / seconds,
           (unsigned long long)sums->traces);
}

struct wanted {
    uint64_t from, n_seeds;
    double seconds; /* 0: n_seeds count */
    bool is_one;
};

static bool read_arguments(int argc, char **argv, struct wanted *wanted)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--log") == 0) {
            fake_log_show(true);
            continue;
        }
        if (i + 1 == argc)
            return false;
        if (strcmp(argv[i], "--seed") == 0) {
            wanted->from = strtoull(argv[++i], NULL, 10);
            wanted->is_one = true;
        } else if (strcmp(argv[i], "--from") == 0) {
            wanted->from = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seeds") == 0) {
            wanted->n_seeds = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seconds") == 0) {
            wanted->seconds = strtod(argv[++i], NULL);
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct wanted wanted = {.from = 1, .n_seeds = 100};
    struct sums sums = {0};
    double began_s = real_s();

    if (!read_arguments(argc, argv, &wanted)) {
        fprintf(stderr, "usage: simulation [--seed S | --seeds N | --seconds T]"
                        " [--from S] [--log]\n");
        return 2;
    }
    if (wanted.is_one) {
        struct options options;

        options_draw(&options, wanted.from);
        options_print(&options, stdout);
        run_seed(wanted.from, /* is_twice= */ true, &sums);
    }
    for (uint64_t i = 0; !wanted.is_one; i++) {
        if (wanted.seconds > 0 ? real_s() - began_s >= wanted.seconds
                               : i >= wanted.n_seeds)
            break;
        run_seed(wanted.from + i, i % TWICE_EVERY == 0, &sums);
    }
    print_sums(&sums, real_s() - began_s);
    oracle_done();
    return 0;
}
