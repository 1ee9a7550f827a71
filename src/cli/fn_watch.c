/* SPDX-License-Identifier: MIT */

#include "cli/fn_watch.h"

#include <signal.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/signals.h"
#include "sys/disk.h"
#include "sys/loop.h"
#include "trial/fn_folder.h"

struct fn_watch {
    struct arena arena;
    struct loop *loop;
    struct loop_file **files;
    size_t n_files;
    int signals;
    bool has_saved;
};

static void on_saved(void *arg)
{
    struct fn_watch *watch = arg;

    watch->has_saved = true;
    loop_stop(watch->loop);
}

static void on_signal(void *arg, int events)
{
    struct fn_watch *watch = arg;
    int signal = signals_read(watch->signals);

    (void)events;
    if (signal == SIGINT || signal == SIGTERM)
        loop_stop(watch->loop);
}

static int add(struct fn_watch *watch, const char *path, struct err *err)
{
    struct loop_file *file = loop_file_watch(watch->loop, path, on_saved, watch, err);

    if (file == NULL)
        return -1;
    watch->files = mem_grow(watch->files, watch->n_files + 1, sizeof(struct loop_file *));
    watch->files[watch->n_files++] = file;
    return 0;
}

/* The files of a folder, and the folder itself: "FOLDER/." is new when one comes or goes.
 */
static int add_folder(struct fn_watch *watch, const char *folder, struct err *err)
{
    const char **paths;

    if (!disk_exists(folder))
        return 0;
    if (add(watch, arena_printf(&watch->arena, "%s/.", folder), err) < 0 ||
        fn_folder_list(folder, &watch->arena, &paths, err) < 0)
        return -1;
    for (; *paths != NULL; paths++) {
        if (add(watch, *paths, err) < 0)
            return -1;
    }
    return 0;
}

int fn_watch_open(const char *path, const char *folder, struct fn_watch **ret_watch,
                  struct err *err)
{
    static const char *const parts[] = {"tests", "mocks"};
    struct fn_watch *watch = mem_new(struct fn_watch);

    *ret_watch = watch;
    arena_init(&watch->arena);
    watch->loop = loop_new();
    if (add(watch, path, err) < 0)
        return -1;
    if (!disk_exists(folder))
        return 0;
    /* The folder itself too: tests and mocks may be made later. */
    if (add(watch, arena_printf(&watch->arena, "%s/.", folder), err) < 0 ||
        add(watch, arena_printf(&watch->arena, "%s/settings.json", folder), err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (add_folder(watch, arena_printf(&watch->arena, "%s/%s", folder, parts[i]),
                       err) < 0)
            return -1;
    }
    return 0;
}

void fn_watch_close(struct fn_watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->n_files; i++)
        loop_file_free(watch->files[i]);
    free(watch->files);
    loop_free(watch->loop);
    arena_done(&watch->arena);
    free(watch);
}

int fn_watch_wait(struct fn_watch *watch, int signals)
{
    struct loop_watch told;

    watch->signals = signals;
    loop_watch_init(&told, watch->loop, signals, on_signal, watch);
    loop_watch_set(&told, LOOP_READABLE);
    loop_run(watch->loop);
    loop_watch_done(&told);
    return watch->has_saved ? FN_WATCH_SAVED : 0;
}
