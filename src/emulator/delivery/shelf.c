/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/shelf.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "emulator/frame/emulator.h"
#include "sys/disk.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct shelf {
    struct emulator *emulator;
    struct list codes; /* the one that was taken longest ago first */
};

enum code_state {
    CODE_NEW = 0,
    CODE_LOADING,
    CODE_READY,
    CODE_BROKEN,
};

struct shelf_code {
    struct list_link link;
    struct shelf *shelf;
    char *path;
    enum pool_generation generation;
    struct timespec changed_at;
    int64_t size;
    enum code_state state;
    bool is_stale; /* its failure is none of the code's: load again */
    struct pool_function *function;
    struct arena texts; /* of the last load */
    const char *error_name, *error_message;
    struct list waiting;
    unsigned n_users;
};

struct shelf *shelf_new(struct emulator *emulator)
{
    struct shelf *shelf = mem_new(struct shelf);

    shelf->emulator = emulator;
    return shelf;
}

static void code_free(struct shelf_code *code)
{
    arena_done(&code->texts);
    free(code->path);
    free(code);
}

/* The pool frees the functions with itself. */
void shelf_free(struct shelf *shelf)
{
    struct list_link *link;

    while ((link = list_pop(&shelf->codes)) != NULL)
        code_free(list_entry(link, struct shelf_code, link));
    free(shelf);
}

/* --- turns -------------------------------------------------------------------------- */

static bool has_turn(const struct shelf_code *code)
{
    return code->state == CODE_BROKEN ||
           (code->state == CODE_READY && pool_has_room(code->function));
}

static void call_waiting(struct shelf_code *code)
{
    code->n_users++; /* who is called may put the last one back */
    while (!list_is_empty(&code->waiting) && has_turn(code)) {
        struct shelf_wait *wait =
            list_entry(code->waiting.first, struct shelf_wait, link);

        shelf_stop_waiting(wait);
        wait->fn(wait->arg);
    }
    code->n_users--;
}

void shelf_wait(struct shelf_code *code, struct shelf_wait *wait)
{
    wait->list = &code->waiting;
    list_push(&code->waiting, &wait->link);
    call_waiting(code);
}

void shelf_stop_waiting(struct shelf_wait *wait)
{
    if (wait->list != NULL)
        list_remove(wait->list, &wait->link);
    wait->list = NULL;
}

void shelf_put(struct shelf_code *code)
{
    code->n_users--;
    call_waiting(code);
}

/* --- loading ------------------------------------------------------------------------ */

static void set_broken(struct shelf_code *code, const char *name, const char *message)
{
    code->state = CODE_BROKEN;
    code->error_name = arena_text(&code->texts, name);
    code->error_message = arena_text(&code->texts, message);
}

static void note_failure(struct shelf_code *code, const struct pool_loaded *loaded)
{
    const char *message = loaded->error_message != NULL ? loaded->error_message : "";
    const char *name = loaded->error_name != NULL ? loaded->error_name : "Error";

    code->is_stale = strcmp(name, "Runner") == 0;
    if (loaded->line > 0)
        message = arena_printf(&code->texts, "%s (line %d)", message, loaded->line);
    set_broken(code, name, message);
    pool_retire(take(code->function));
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct shelf_code *code = arg;
    struct emulator *emulator = code->shelf->emulator;

    (void)function;
    emulator_enter(emulator);
    if (loaded->ok)
        code->state = CODE_READY;
    else
        note_failure(code, loaded);
    call_waiting(code);
    emulator_leave(emulator);
}

static void forget(struct shelf_code *code)
{
    if (code->function != NULL)
        pool_retire(code->function);
    code->function = NULL;
    arena_done(&code->texts);
    arena_init(&code->texts);
    code->error_name = code->error_message = "";
    code->is_stale = false;
}

static void load(struct shelf_code *code)
{
    struct emulator *emulator = code->shelf->emulator;
    cleanup(buf_done) struct buf source = {0};
    struct err err = {0};
    struct bytes text;

    forget(code);
    buf_init(&source, POOL_SOURCE_BYTES);
    if (disk_read(code->path, &source, &err) < 0) {
        code->is_stale = true;
        set_broken(code, "Invalid Settings", err.text);
        return;
    }
    text = buf_bytes(&source);
    if (bytes_starts(text, BYTES(BYTE_ORDER_MARK)))
        text = bytes_slice(text, strlen(BYTE_ORDER_MARK), text.len);
    const struct pool_code wanted = {
        .name = bytes_str(code->path),
        .source = text,
        .slice_ms = SHELF_SLICE_MS,
        .in_flight = SHELF_IN_FLIGHT,
        .generation = code->generation,
    };
    code->state = CODE_LOADING;
    code->function = pool_load(emulator_parts(emulator)->pool, &wanted, on_loaded, code);
}

static bool has_changed(struct shelf_code *code)
{
    struct stat status = {0};
    bool is_same;

    if (stat(code->path, &status) < 0)
        return true;
    is_same = code->state != CODE_NEW && !code->is_stale &&
              code->size == status.st_size &&
              code->changed_at.tv_sec == status.st_mtim.tv_sec &&
              code->changed_at.tv_nsec == status.st_mtim.tv_nsec;
    code->size = status.st_size;
    code->changed_at = status.st_mtim;
    return !is_same;
}

/* --- the shelf ---------------------------------------------------------------------- */

static struct shelf_code *find(const struct shelf *shelf, struct bytes path,
                               enum pool_generation generation)
{
    for (struct list_link *link = shelf->codes.first; link != NULL; link = link->next) {
        struct shelf_code *code = list_entry(link, struct shelf_code, link);

        if (code->generation == generation && bytes_eq(bytes_str(code->path), path))
            return code;
    }
    return NULL;
}

/* Of those that nobody uses, the one taken longest ago. */
static void make_room(struct shelf *shelf)
{
    for (struct list_link *link = shelf->codes.first; link != NULL; link = link->next) {
        struct shelf_code *code = list_entry(link, struct shelf_code, link);

        if (code->n_users > 0)
            continue;
        if (code->function != NULL)
            pool_retire(code->function);
        list_remove(&shelf->codes, &code->link);
        code_free(code);
        return;
    }
}

static struct shelf_code *add(struct shelf *shelf, struct bytes path,
                              enum pool_generation generation)
{
    struct shelf_code *code = mem_new(struct shelf_code);

    if (shelf->codes.n_links >= SHELF_CODES)
        make_room(shelf);
    code->shelf = shelf;
    code->path = bytes_copy(path);
    code->generation = generation;
    arena_init(&code->texts);
    list_push(&shelf->codes, &code->link);
    return code;
}

struct shelf_code *shelf_take(struct shelf *shelf, struct bytes path,
                              enum pool_generation generation)
{
    struct shelf_code *code = find(shelf, path, generation);

    if (code == NULL)
        code = add(shelf, path, generation);
    list_remove(&shelf->codes, &code->link);
    list_push(&shelf->codes, &code->link);
    code->n_users++;
    if (has_changed(code))
        load(code);
    return code;
}

struct pool_function *shelf_function(const struct shelf_code *code)
{
    return code->state == CODE_READY ? code->function : NULL;
}

const char *shelf_error_name(const struct shelf_code *code)
{
    return code->error_name;
}

const char *shelf_error_message(const struct shelf_code *code)
{
    return code->error_message;
}
