/* SPDX-License-Identifier: MIT */

#include "sys/mailbox.h"

#include <poll.h>
#include <pthread.h>

#include "lib/cm.h"
#include "sys/clock.h"

struct letter {
    struct list_link link;
    int from;
    int number;
};

static bool is_readable(struct mailbox *mailbox)
{
    struct pollfd poll_fd = {.fd = mailbox_fd(mailbox), .events = POLLIN};

    return poll(&poll_fd, 1, 0) == 1;
}

static void keeps_order_and_moves_all_at_once(void **state)
{
    struct mailbox *mailbox = mailbox_new(8);
    struct letter letters[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    struct list taken = {0};

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(mailbox_post(mailbox, &letters[i].link));
    assert_int_equal(3, mailbox_count(mailbox));
    mailbox_take(mailbox, &taken);
    assert_int_equal(0, mailbox_count(mailbox));
    for (int i = 0; i < 3; i++)
        assert_int_equal(i, list_entry(list_pop(&taken), struct letter, link)->number);
    assert_true(list_is_empty(&taken));
    mailbox_free(mailbox);
}

static void refuses_a_letter_beyond_its_bound_but_for_forced_ones(void **state)
{
    struct mailbox *mailbox = mailbox_new(2);
    struct letter letters[4] = {0};
    struct list taken = {0};

    (void)state;
    assert_true(mailbox_post(mailbox, &letters[0].link));
    assert_true(mailbox_post(mailbox, &letters[1].link));
    assert_false(mailbox_post(mailbox, &letters[2].link));
    mailbox_force(mailbox, &letters[3].link);
    assert_int_equal(3, mailbox_count(mailbox));
    mailbox_take(mailbox, &taken);
    assert_ptr_equal(&letters[3].link, taken.last);
    assert_true(mailbox_post(mailbox, &letters[2].link));
    mailbox_take(mailbox, &taken);
    mailbox_free(mailbox);
}

static void is_readable_exactly_while_there_are_letters(void **state)
{
    struct mailbox *mailbox = mailbox_new(8);
    struct letter letters[2] = {0};
    struct list taken = {0};

    (void)state;
    assert_false(is_readable(mailbox));
    assert_true(mailbox_post(mailbox, &letters[0].link));
    assert_true(is_readable(mailbox));
    assert_true(mailbox_post(mailbox, &letters[1].link));
    assert_true(is_readable(mailbox));
    mailbox_take(mailbox, &taken);
    assert_false(is_readable(mailbox));
    mailbox_free(mailbox);
}

static void waits_no_longer_than_it_is_told(void **state)
{
    struct mailbox *mailbox = mailbox_new(8);
    struct list taken = {0};
    int64_t began_ms = clock_now_ms();

    (void)state;
    mailbox_wait(mailbox, 20, &taken);
    assert_true(list_is_empty(&taken));
    assert_in_range(clock_now_ms() - began_ms, 19, 5000);
    mailbox_free(mailbox);
}

enum { N_WRITERS = 4, N_LETTERS = 20000 };

struct writer {
    struct mailbox *mailbox;
    struct letter *letters;
};

static void *write_letters(void *arg)
{
    const struct writer *writer = arg;

    for (int i = 0; i < N_LETTERS; i++) {
        while (!mailbox_post(writer->mailbox, &writer->letters[i].link))
            sched_yield();
    }
    return NULL;
}

static void loses_nothing_between_threads_and_keeps_each_ones_order(void **state)
{
    struct mailbox *mailbox = mailbox_new(64);
    struct writer writers[N_WRITERS];
    pthread_t threads[N_WRITERS];
    int next[N_WRITERS] = {0};
    struct list taken = {0};

    (void)state;
    for (int i = 0; i < N_WRITERS; i++) {
        writers[i] = (struct writer){mailbox, calloc(N_LETTERS, sizeof(struct letter))};
        for (int j = 0; j < N_LETTERS; j++)
            writers[i].letters[j] = (struct letter){.from = i, .number = j};
        pthread_create(&threads[i], NULL, write_letters, &writers[i]);
    }
    for (int n = 0; n < N_WRITERS * N_LETTERS; n++) {
        if (list_is_empty(&taken))
            mailbox_wait(mailbox, -1, &taken);
        struct letter *letter = list_entry(list_pop(&taken), struct letter, link);
        assert_int_equal(next[letter->from]++, letter->number);
    }
    for (int i = 0; i < N_WRITERS; i++) {
        pthread_join(threads[i], NULL);
        free(writers[i].letters);
    }
    assert_int_equal(0, mailbox_count(mailbox));
    mailbox_free(mailbox);
}

static void a_wake_ends_one_wait_and_no_other(void **state)
{
    struct mailbox *mailbox = mailbox_new(2);
    struct list taken = {0};
    int64_t began_ms = clock_now_ms();

    (void)state;
    mailbox_wake(mailbox);
    mailbox_wait(mailbox, 10000, &taken);
    assert_true(clock_now_ms() - began_ms < 5000);
    began_ms = clock_now_ms();
    mailbox_wait(mailbox, 30, &taken);
    assert_true(clock_now_ms() - began_ms >= 29);
    assert_true(list_is_empty(&taken));
    mailbox_free(mailbox);
}

struct gathering {
    struct mailbox *mailbox;
    struct letter letters[3];
    int n_posted;
};

static void *post_letters(void *arg)
{
    struct gathering *gathering = arg;

    for (int i = 0; i < gathering->n_posted; i++)
        mailbox_force(gathering->mailbox, &gathering->letters[i].link);
    return NULL;
}

/* How many letters it got, when another thread posts as told. */
static size_t gather_from(struct gathering *gathering, size_t n_letters,
                          int64_t timeout_us)
{
    struct list taken = {0};
    pthread_t thread;

    gathering->mailbox = mailbox_new(8);
    pthread_create(&thread, NULL, post_letters, gathering);
    mailbox_gather(gathering->mailbox, n_letters, timeout_us, &taken);
    pthread_join(thread, NULL);
    mailbox_take(gathering->mailbox, &taken);
    mailbox_free(gathering->mailbox);
    return taken.n_links;
}

static void gathering_ends_with_the_last_letter_that_it_waits_for(void **state)
{
    struct gathering gathering = {.n_posted = 3};
    int64_t began_ms = clock_now_ms();

    (void)state;
    assert_int_equal(3, gather_from(&gathering, 3, 60000000));
    assert_true(clock_now_ms() - began_ms < 30000);
}

static void gathering_ends_when_its_time_is_up(void **state)
{
    struct gathering gathering = {.n_posted = 2};
    int64_t began_us = clock_now_us();

    (void)state;
    assert_int_equal(2, gather_from(&gathering, 3, 2000));
    assert_true(clock_now_us() - began_us >= 2000);
}

/* Whoever hurries before the gathering has begun does not end it: so this hurries until
 * it has. */
static void *hurry_until_gathered(void *arg)
{
    struct gathering *gathering = arg;

    mailbox_force(gathering->mailbox, &gathering->letters[0].link);
    while (mailbox_count(gathering->mailbox) > 0) {
        mailbox_hurry(gathering->mailbox);
        sched_yield();
    }
    return NULL;
}

static void whoever_hurries_ends_the_gathering_but_not_the_next_wait(void **state)
{
    struct gathering gathering = {.mailbox = mailbox_new(8)};
    struct list taken = {0};
    pthread_t thread;
    int64_t began_ms = clock_now_ms();

    (void)state;
    pthread_create(&thread, NULL, hurry_until_gathered, &gathering);
    mailbox_gather(gathering.mailbox, 3, 60000000, &taken);
    pthread_join(thread, NULL);
    assert_int_equal(1, taken.n_links);
    assert_true(clock_now_ms() - began_ms < 30000);
    mailbox_hurry(gathering.mailbox);
    began_ms = clock_now_ms();
    mailbox_wait(gathering.mailbox, 30, &taken);
    assert_true(clock_now_ms() - began_ms >= 29);
    mailbox_free(gathering.mailbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gathering_ends_with_the_last_letter_that_it_waits_for),
        cmocka_unit_test(gathering_ends_when_its_time_is_up),
        cmocka_unit_test(whoever_hurries_ends_the_gathering_but_not_the_next_wait),
        cmocka_unit_test(a_wake_ends_one_wait_and_no_other),
        cmocka_unit_test(keeps_order_and_moves_all_at_once),
        cmocka_unit_test(refuses_a_letter_beyond_its_bound_but_for_forced_ones),
        cmocka_unit_test(is_readable_exactly_while_there_are_letters),
        cmocka_unit_test(waits_no_longer_than_it_is_told),
        cmocka_unit_test(loses_nothing_between_threads_and_keeps_each_ones_order),
    };

    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
