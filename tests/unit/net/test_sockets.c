/* SPDX-License-Identifier: MIT */

#include "net/sockets.h"

#include <sys/socket.h>
#include <unistd.h>

#include "lib/cm.h"
#include "sys/loop.h"

struct scene {
    struct loop *loop;
    struct sockets sockets;
    struct loop_timer end;
    int ends[2]; /* ours, the peer's */
    int n_events;
    int events;
};

static void on_event(void *arg, int fd, int events)
{
    struct scene *scene = arg;
    char byte;

    assert_int_equal(scene->ends[0], fd);
    scene->n_events++;
    scene->events = events;
    if ((events & LOOP_READABLE) != 0)
        (void)!read(fd, &byte, 1);
}

static void on_end(void *arg)
{
    loop_stop(((struct scene *)arg)->loop);
}

static void scene_begin(struct scene *scene)
{
    *scene = (struct scene){.loop = loop_new()};
    loop_timer_init(&scene->end, scene->loop, on_end, scene);
    sockets_init(&scene->sockets, scene->loop, on_event, scene);
    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, scene->ends), 0);
}

static void scene_end(struct scene *scene)
{
    sockets_done(&scene->sockets);
    loop_timer_done(&scene->end);
    loop_free(scene->loop);
    close(scene->ends[0]);
    close(scene->ends[1]);
}

static void say(struct scene *scene)
{
    assert_int_equal(1, write(scene->ends[1], "x", 1));
}

/* Whatever is ready is told before the timer's turn. */
static void turn(struct scene *scene)
{
    scene->n_events = 0;
    loop_timer_set(&scene->end, 5);
    loop_run(scene->loop);
}

static void what_happens_is_told_while_it_is_watched(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    sockets_opened(&scene.sockets, scene.ends[0]);
    sockets_watch(&scene.sockets, scene.ends[0], LOOP_READABLE);
    say(&scene);
    turn(&scene);
    assert_int_equal(1, scene.n_events);
    assert_int_equal(LOOP_READABLE, scene.events);
    scene_end(&scene);
}

static void one_that_rests_says_nothing_and_is_heard_again_afterwards(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    sockets_opened(&scene.sockets, scene.ends[0]);
    sockets_watch(&scene.sockets, scene.ends[0], LOOP_READABLE);
    sockets_rest(&scene.sockets, scene.ends[0]);
    say(&scene);
    turn(&scene);
    assert_int_equal(0, scene.n_events);
    sockets_watch(&scene.sockets, scene.ends[0], LOOP_READABLE);
    turn(&scene);
    assert_int_equal(1, scene.n_events);
    scene_end(&scene);
}

static void one_that_could_be_written_to_does_not_keep_the_loop_awake(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    sockets_opened(&scene.sockets, scene.ends[0]);
    sockets_watch(&scene.sockets, scene.ends[0], LOOP_READABLE | LOOP_WRITABLE);
    sockets_rest(&scene.sockets, scene.ends[0]);
    turn(&scene);
    assert_int_equal(0, scene.n_events);
    sockets_watch(&scene.sockets, scene.ends[0], LOOP_READABLE);
    say(&scene);
    turn(&scene);
    assert_int_equal(1, scene.n_events);
    scene_end(&scene);
}

static void a_number_that_comes_again_is_another_socket(void **state)
{
    struct scene scene;
    int fd;

    (void)state;
    scene_begin(&scene);
    fd = scene.ends[0];
    sockets_opened(&scene.sockets, fd);
    sockets_watch(&scene.sockets, fd, LOOP_READABLE);
    sockets_rest(&scene.sockets, fd);
    sockets_closing(&scene.sockets, fd);
    close(scene.ends[0]);
    close(scene.ends[1]);
    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, scene.ends), 0);
    assert_int_equal(fd, scene.ends[0]);
    sockets_opened(&scene.sockets, fd);
    sockets_watch(&scene.sockets, fd, LOOP_READABLE);
    say(&scene);
    turn(&scene);
    assert_int_equal(1, scene.n_events);
    scene_end(&scene);
}

static void one_that_nobody_announced_is_let_go_of_when_it_rests(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    sockets_watch(&scene.sockets, scene.ends[0], LOOP_READABLE);
    sockets_rest(&scene.sockets, scene.ends[0]);
    assert_null(scene.sockets.by_fd[scene.ends[0]]);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happens_is_told_while_it_is_watched),
        cmocka_unit_test(one_that_rests_says_nothing_and_is_heard_again_afterwards),
        cmocka_unit_test(one_that_could_be_written_to_does_not_keep_the_loop_awake),
        cmocka_unit_test(a_number_that_comes_again_is_another_socket),
        cmocka_unit_test(one_that_nobody_announced_is_let_go_of_when_it_rests),
    };

    return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
