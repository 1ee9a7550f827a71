/* SPDX-License-Identifier: MIT */

#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sql.h"

/*
 * A child accepts, settles and files as fast as it can, and names through a pipe what was
 * committed. It is killed after a random number of acknowledgements; everything it named
 * must be there, and the file whole.
 */

enum { ROUNDS = 20, BATCH = 5, MAX_ACKS = 40 };

#define TRACK "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u1\",\"messageId\":\"m\"}"

struct ack {
    int64_t last_row; /* every row up to it that was ever named is committed */
    int64_t settled;  /* and this one is delivered */
};

static void work(struct fixture *f, int fd, unsigned round)
{
    static char filler[20000]; /* so that a batch is many pages */
    bool has_filed;

    memset(filler, 'x', sizeof(filler) - 1);
    snprintf(filler, 64, "%s", TRACK);
    filler[strlen(filler)] = ' ';
    for (unsigned i = 0;; i++) {
        struct ack ack = {0};

        fixture_begin(f);
        for (unsigned j = 0; j < BATCH; j++)
            ack.last_row = fixture_event(f, j % 2 ? TRACK : filler, 1000,
                                         1 + (round * 10000 + i) * BATCH + j);
        ack.settled = ack.last_row - 1;
        fixture_settle(f, ack.settled, DELIVERY_DELIVERED);
        fixture_commit(f);
        if (write(fd, &ack, sizeof(ack)) != (ssize_t)sizeof(ack))
            _exit(1);
        if (i % 3 == 0)
            expect(f, 0, store_index_step(f->store, &has_filed, &f->err));
        if (i % 5 == 0)
            expect(f, 0, store_checkpoint(f->store, /* is_idle= */ true, &f->err));
    }
}

static pid_t start(struct fixture *f, unsigned round, int *ret_fd)
{
    int fds[2];
    pid_t child;

    assert_int_equal(pipe(fds), 0);
    store_close(f->store);
    f->store = NULL;
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(fds[0]);
        fixture_reopen(f);
        work(f, fds[1], round);
    }
    close(fds[1]);
    *ret_fd = fds[0];
    return child;
}

static void check(struct fixture *f, const struct ack *ack)
{
    cleanup(buf_done) struct buf settings = {0};
    cleanup(buf_done) struct buf payload = {0};
    struct store_event event;

    buf_init(&settings, 100);
    buf_init(&payload, 20100);
    for (int64_t row = ack->last_row - BATCH + 1; row <= ack->last_row; row++) {
        struct dedupe_mark mark;
        int64_t found, at;

        buf_clear(&payload);
        expect(f, 1,
               store_load_event(f->store, row, &settings, &payload, &event, &f->err));
        mark = event.mark;
        expect(f, 1, store_find_mark(f->store, &mark, 1000, &found, &at, &f->err));
        assert_int_equal(found, row);
    }
}

static void check_file(struct fixture *f)
{
    assert_int_equal(fixture_ask(f, "SELECT integrity_check = 'ok' FROM"
                                    " pragma_integrity_check"),
                     1);
    /* One transaction is there whole or not at all. */
    assert_int_equal(fixture_ask(f, "SELECT count(*) % 5 FROM event"), 0);
    assert_int_equal(fixture_ask(f, "SELECT count(*) * 5 FROM delivery"),
                     fixture_ask(f, "SELECT count(*) FROM event"));
}

static void no_acknowledged_event_is_lost_when_killed(void **state)
{
    struct fixture *f = *state;

    srand(4711);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct ack acks[MAX_ACKS + 4096];
        size_t n_acks = 0, wanted = 1 + (size_t)rand() % MAX_ACKS;
        int fd, status;
        pid_t child = start(f, round, &fd);

        while (n_acks < wanted && read(fd, &acks[n_acks], sizeof(*acks)) > 0)
            n_acks++;
        /* Somewhere within the next transaction: spinning is not waiting for a clock. */
        for (volatile int spin = rand() % 2000000; spin > 0; spin = spin - 1)
            ;
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (n_acks < COUNT(acks) && read(fd, &acks[n_acks], sizeof(*acks)) > 0)
            n_acks++;
        close(fd);
        fixture_reopen(f);
        for (size_t i = 0; i < n_acks; i++)
            check(f, &acks[i]);
        check_file(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_acknowledged_event_is_lost_when_killed,
                                        fixture_up, fixture_down),
    };

    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
