/* SPDX-License-Identifier: MIT */

#include "sys/loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "lib/cm.h"
#include "sys/clock.h"
#include "sys/disk.h"

/* What the callbacks of a test share; the guard ends a test that hangs. */
struct scene {
    struct loop *loop;
    struct loop_timer guard;
    struct loop_timer timers[8];
    struct loop_watch watches[2];
    int n_calls;
    char order[64];
};

static void on_guard(void *arg)
{
    const struct scene *scene = arg;

    loop_stop(scene->loop);
    fail_msg("nothing happened for 10 s");
}

static void scene_begin(struct scene *scene)
{
    *scene = (struct scene){.loop = loop_new()};
    loop_timer_init(&scene->guard, scene->loop, on_guard, scene);
    loop_timer_set(&scene->guard, 10000);
}

static void scene_end(struct scene *scene)
{
    loop_timer_done(&scene->guard);
    loop_free(scene->loop);
}

struct named {
    struct scene *scene;
    char name;
};

static void note_name(void *arg)
{
    const struct named *named = arg;

    strncat(named->scene->order, &named->name, 1);
    if (named->name == 'z')
        loop_stop(named->scene->loop);
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
    static const struct {
        char name;
        int64_t delay_ms;
    } plan[] = {{'c', 9}, {'a', 1}, {'z', 12}, {'b', 5}, {'d', 9}};
    struct named named[COUNT(plan)];
    struct scene scene;
    int64_t began_ms = clock_now_ms();

    (void)state;
    scene_begin(&scene);
    for (size_t i = 0; i < COUNT(plan); i++) {
        named[i] = (struct named){&scene, plan[i].name};
        loop_timer_init(&scene.timers[i], scene.loop, note_name, &named[i]);
        loop_timer_set(&scene.timers[i], plan[i].delay_ms);
    }
    loop_run(scene.loop);
    assert_string_equal("abcdz", scene.order);
    assert_true(clock_now_ms() - began_ms >= 11);
    scene_end(&scene);
}

static void set_again_replaces_and_stop_forgets(void **state)
{
    struct scene scene;
    struct named named[3];

    (void)state;
    scene_begin(&scene);
    for (int i = 0; i < 3; i++) {
        named[i] = (struct named){&scene, "xyz"[i]};
        loop_timer_init(&scene.timers[i], scene.loop, note_name, &named[i]);
    }
    loop_timer_set(&scene.timers[0], 1);
    loop_timer_set(&scene.timers[1], 1000000);
    loop_timer_set(&scene.timers[1], 2);
    loop_timer_set(&scene.timers[2], 10);
    loop_timer_stop(&scene.timers[0]);
    assert_false(loop_timer_is_set(&scene.timers[0]));
    assert_true(loop_timer_is_set(&scene.timers[1]));
    loop_run(scene.loop);
    assert_string_equal("yz", scene.order);
    loop_timer_done(&scene.timers[0]);
    loop_timer_done(&scene.timers[0]);
    scene_end(&scene);
}

static void stop_the_second(void *arg)
{
    struct scene *scene = arg;

    scene->n_calls++;
    loop_timer_stop(&scene->timers[0]);
    loop_timer_stop(&scene->timers[1]);
}

static void a_timer_stopped_within_the_turn_is_not_called(void **state)
{
    struct scene scene;
    struct named last;

    (void)state;
    scene_begin(&scene);
    last = (struct named){&scene, 'z'};
    /* Both are due at once; whoever comes first stops the other. */
    loop_timer_init(&scene.timers[0], scene.loop, stop_the_second, &scene);
    loop_timer_init(&scene.timers[1], scene.loop, stop_the_second, &scene);
    loop_timer_init(&scene.timers[2], scene.loop, note_name, &last);
    loop_timer_set(&scene.timers[0], 1);
    loop_timer_set(&scene.timers[1], 1);
    loop_timer_set(&scene.timers[2], 5);
    loop_run(scene.loop);
    assert_int_equal(1, scene.n_calls);
    scene_end(&scene);
}

static void set_to_now(void *arg)
{
    struct scene *scene = arg;

    if (++scene->n_calls < 1000) /* else it did starve somebody: let the test say so */
        loop_timer_set(&scene->timers[0], 0);
}

static void on_readable_stop(void *arg, int events)
{
    const struct scene *scene = arg;

    assert_int_equal(LOOP_READABLE, events);
    loop_stop(scene->loop);
}

static void a_timer_that_sets_itself_to_now_starves_nobody(void **state)
{
    struct scene scene;
    int fds[2];

    (void)state;
    scene_begin(&scene);
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    loop_timer_init(&scene.timers[0], scene.loop, set_to_now, &scene);
    loop_timer_set(&scene.timers[0], 0);
    loop_watch_init(&scene.watches[0], scene.loop, fds[0], on_readable_stop, &scene);
    loop_watch_set(&scene.watches[0], LOOP_READABLE);
    assert_int_equal(1, write(fds[1], "x", 1));
    loop_run(scene.loop);
    assert_in_range(scene.n_calls, 1, 10);
    loop_timer_done(&scene.timers[0]);
    loop_watch_done(&scene.watches[0]);
    scene_end(&scene);
    close(fds[0]);
    close(fds[1]);
}

static void stop_both_watches(void *arg, int events)
{
    struct scene *scene = arg;

    (void)events;
    scene->n_calls++;
    loop_watch_done(&scene->watches[0]);
    loop_watch_done(&scene->watches[1]);
    loop_stop(scene->loop);
}

static void a_watch_ended_within_the_turn_is_not_called(void **state)
{
    struct scene scene;
    int fds[2][2];

    (void)state;
    scene_begin(&scene);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]));
        assert_int_equal(1, write(fds[i][1], "x", 1));
        loop_watch_init(&scene.watches[i], scene.loop, fds[i][0], stop_both_watches,
                        &scene);
        loop_watch_set(&scene.watches[i], LOOP_READABLE);
    }
    loop_run(scene.loop);
    assert_int_equal(1, scene.n_calls);
    scene_end(&scene);
    for (int i = 0; i < 2; i++) {
        close(fds[i][0]);
        close(fds[i][1]);
    }
}

static void note_events(void *arg, int events)
{
    struct scene *scene = arg;

    scene->n_calls = events;
    loop_watch_set(&scene->watches[0], 0);
    loop_stop(scene->loop);
}

static void a_watch_tells_what_it_was_asked_for(void **state)
{
    struct scene scene;
    int fds[2];

    (void)state;
    scene_begin(&scene);
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    loop_watch_init(&scene.watches[0], scene.loop, fds[0], note_events, &scene);
    loop_watch_set(&scene.watches[0], LOOP_READABLE | LOOP_WRITABLE);
    loop_run(scene.loop);
    assert_int_equal(LOOP_WRITABLE, scene.n_calls);
    assert_int_equal(1, write(fds[1], "x", 1));
    loop_watch_set(&scene.watches[0], LOOP_READABLE);
    loop_run(scene.loop);
    assert_int_equal(LOOP_READABLE, scene.n_calls);
    loop_watch_done(&scene.watches[0]);
    loop_watch_done(&scene.watches[0]);
    scene_end(&scene);
    close(fds[0]);
    close(fds[1]);
}

static void embedded_objects_may_be_freed_at_once(void **state)
{
    struct scene scene;
    struct loop_watch *watch = malloc(sizeof(*watch));
    struct loop_timer *timer = malloc(sizeof(*timer));
    struct named last;
    int fds[2];

    (void)state;
    scene_begin(&scene);
    last = (struct named){&scene, 'z'};
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    assert_int_equal(1, write(fds[1], "x", 1));
    loop_watch_init(watch, scene.loop, fds[0], stop_both_watches, &scene);
    loop_watch_set(watch, LOOP_READABLE);
    loop_timer_init(timer, scene.loop, stop_the_second, &scene);
    loop_timer_set(timer, 0);
    loop_watch_done(watch);
    loop_timer_done(timer);
    free(watch);
    free(timer);
    loop_timer_init(&scene.timers[0], scene.loop, note_name, &last);
    loop_timer_set(&scene.timers[0], 1);
    loop_run(scene.loop);
    assert_int_equal(0, scene.n_calls);
    scene_end(&scene);
    close(fds[0]);
    close(fds[1]);
}

/* A folder with one watched file, changed in @n_ways ways one after the other. */
struct watched {
    struct scene scene;
    char folder[64];
    char path[128];
    char other[128];
};

static void on_file(void *arg)
{
    struct watched *watched = arg;

    watched->scene.n_calls++;
    loop_stop(watched->scene.loop);
}

static void write_in_place(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void watched_begin(struct watched *watched)
{
    scene_begin(&watched->scene);
    strcpy(watched->folder, "/tmp/partnerapp-loop-XXXXXX");
    assert_non_null(mkdtemp(watched->folder));
    (void)snprintf(watched->path, sizeof(watched->path), "%s/file", watched->folder);
    (void)snprintf(watched->other, sizeof(watched->other), "%s/other", watched->folder);
}

static void watched_end(struct watched *watched)
{
    struct err err;

    assert_int_equal(0, disk_remove_tree(watched->folder, &err));
    scene_end(&watched->scene);
}

static void a_file_is_seen_created_written_and_replaced(void **state)
{
    struct watched watched;
    struct loop_file *file;
    struct err err;

    (void)state;
    watched_begin(&watched);
    file = loop_file_watch(watched.scene.loop, watched.path, on_file, &watched, &err);
    assert_non_null(file);
    write_in_place(watched.path, "one");
    loop_run(watched.scene.loop);
    write_in_place(watched.path, "three");
    loop_run(watched.scene.loop);
    assert_int_equal(0, disk_replace(watched.path, BYTES("seven"), 0600, &err));
    loop_run(watched.scene.loop);
    assert_int_equal(3, watched.scene.n_calls);
    loop_file_free(file);
    watched_end(&watched);
}

static void on_other_settled(void *arg)
{
    const struct watched *watched = arg;

    loop_stop(watched->scene.loop);
}

static void other_files_and_many_writes_are_one_call_or_none(void **state)
{
    struct watched watched;
    struct loop_file *file;
    struct err err;

    (void)state;
    watched_begin(&watched);
    write_in_place(watched.path, "start");
    file = loop_file_watch(watched.scene.loop, watched.path, on_file, &watched, &err);
    assert_non_null(file);
    loop_timer_init(&watched.scene.timers[0], watched.scene.loop, on_other_settled,
                    &watched);
    write_in_place(watched.other, "x");
    loop_timer_set(&watched.scene.timers[0], 150);
    loop_run(watched.scene.loop);
    assert_int_equal(0, watched.scene.n_calls);

    for (int i = 0; i < 20; i++)
        write_in_place(watched.path, i % 2 == 0 ? "longer" : "long");
    loop_run(watched.scene.loop);
    loop_timer_set(&watched.scene.timers[0], 150);
    loop_run(watched.scene.loop);
    assert_int_equal(1, watched.scene.n_calls);
    loop_timer_done(&watched.scene.timers[0]);
    loop_file_free(file);
    watched_end(&watched);
}

static void a_file_is_seen_even_where_the_kernel_does_not_tell(void **state)
{
    struct watched watched;
    struct loop_file *file;
    struct rlimit before;
    struct err err;

    (void)state;
    watched_begin(&watched);
    /* No descriptor is left for inotify. */
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    assert_int_equal(
        0, setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_max = before.rlim_max}));
    file = loop_file_watch(watched.scene.loop, watched.path, on_file, &watched, &err);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    assert_non_null(file);
    write_in_place(watched.path, "one");
    loop_run(watched.scene.loop);
    write_in_place(watched.path, "three");
    loop_run(watched.scene.loop);
    assert_int_equal(2, watched.scene.n_calls);
    loop_file_free(file);
    watched_end(&watched);
}

static void a_missing_folder_is_a_failure(void **state)
{
    struct scene scene;
    struct err err;

    (void)state;
    scene_begin(&scene);
    assert_null(loop_file_watch(scene.loop, "/nonexistent/file", on_file, NULL, &err));
    assert_non_null(strstr(err.text, "/nonexistent/"));
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_the_order_of_their_times),
        cmocka_unit_test(set_again_replaces_and_stop_forgets),
        cmocka_unit_test(a_timer_stopped_within_the_turn_is_not_called),
        cmocka_unit_test(a_timer_that_sets_itself_to_now_starves_nobody),
        cmocka_unit_test(a_watch_ended_within_the_turn_is_not_called),
        cmocka_unit_test(a_watch_tells_what_it_was_asked_for),
        cmocka_unit_test(embedded_objects_may_be_freed_at_once),
        cmocka_unit_test(a_file_is_seen_created_written_and_replaced),
        cmocka_unit_test(other_files_and_many_writes_are_one_call_or_none),
        cmocka_unit_test(a_file_is_seen_even_where_the_kernel_does_not_tell),
        cmocka_unit_test(a_missing_folder_is_a_failure),
    };

    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
