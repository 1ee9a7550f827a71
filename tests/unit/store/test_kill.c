/* SPDX-License-Identifier: MIT */

#include "fixture.h"

#include <fcntl.h>
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

/* Of the log's index: two copies of how much of the log counts. */
enum { INDEX_HEAD_BYTES = 96 };

static void move_index_head(const struct fixture *f, uint8_t *head, bool is_save)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s-shm", f->path);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(is_save ? pread(fd, head, INDEX_HEAD_BYTES, 0)
                             : pwrite(fd, head, INDEX_HEAD_BYTES, 0),
                     INDEX_HEAD_BYTES);
    close(fd);
}

static void commit_one(struct fixture *f, unsigned mark)
{
    fixture_begin(f);
    (void)fixture_event(f, TRACK, 1000, mark);
    fixture_commit(f);
}

/* Commits an event, lets somebody look, and ends in the commit of another as if killed at
 * its sync: it is in the log, and what the processes share does not say so. */
static void end_in_a_commit(struct fixture *f, int ready_fd, int go_fd)
{
    uint8_t head[INDEX_HEAD_BYTES];
    char go;

    fixture_reopen(f);
    commit_one(f, 1);
    assert_int_equal(write(ready_fd, "", 1), 1);
    assert_int_equal(read(go_fd, &go, 1), 1);
    move_index_head(f, head, /* is_save= */ true);
    commit_one(f, 2);
    move_index_head(f, head, /* is_save= */ false);
    _exit(0);
}

static void copy_file(const struct fixture *f, const char *suffix, const char *folder)
{
    char command[512];

    snprintf(command, sizeof(command), "cp %s%s %s/a.db%s", f->path, suffix, folder,
             suffix);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static void what_a_start_has_not_seen_never_comes_back(void **state)
{
    struct fixture *f = *state;
    struct fixture *after_cut;
    struct sql *reader;
    int64_t n_seen;
    int ready[2], go[2], status;
    char is_ready;
    pid_t child;

    store_close(f->store);
    f->store = NULL;
    assert_int_equal(pipe(ready) + pipe(go), 0);
    child = fork();
    if (child == 0)
        end_in_a_commit(f, ready[1], go[0]);
    /* Another process looks at the store all the while, so its index stays. */
    assert_int_equal(read(ready[0], &is_ready, 1), 1);
    expect(f, 0, sql_open(f->path, SQL_READ, &reader, &f->err));
    expect(f, 0, sql_begin(reader, &f->err));
    expect(f, 0, sql_number(reader, "SELECT count(*) FROM event", -1, &n_seen, &f->err));
    assert_int_equal(n_seen, 1);
    assert_int_equal(write(go[1], "", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fixture_reopen(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM event"), 1);

    /* The power goes: the index is lost, the files are what was synced. */
    fixture_up((void **)&after_cut);
    store_close(after_cut->store);
    after_cut->store = NULL;
    copy_file(f, "", after_cut->folder);
    copy_file(f, "-wal", after_cut->folder);
    fixture_reopen(after_cut);
    assert_int_equal(fixture_ask(after_cut, "SELECT count(*) FROM event"), 1);
    fixture_down((void **)&after_cut);
    sql_close(reader);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_acknowledged_event_is_lost_when_killed,
                                        fixture_up, fixture_down),
        cmocka_unit_test_setup_teardown(what_a_start_has_not_seen_never_comes_back,
                                        fixture_up, fixture_down),
    };

    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
