/* SPDX-License-Identifier: MIT */

#include "lambda/package/libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "lambda/package/executable.h"
#include "sys/child.h"
#include "sys/disk.h"

enum { LIST_BYTES = 1 << 20 };

static void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* "/lib/libz.so.1 (0x00007f…)" without the address. */
static struct bytes without_address(struct bytes text)
{
    for (size_t i = text.len; i > 0; i--)
        if (bytes_starts(bytes_slice(text, i - 1, text.len), BYTES(" (0x")))
            return bytes_slice(text, 0, i - 1);
    return text;
}

enum library_line library_line_read(struct bytes line, struct bytes *ret_name,
                                    struct bytes *ret_path)
{
    const struct bytes arrow = BYTES(" => ");
    const struct bytes text = bytes_trim(line);
    const size_t at = bytes_find(text, arrow);
    struct bytes path;

    if (at == text.len) {
        *ret_name = without_address(text);
        *ret_path = *ret_name;
        if (!bytes_starts(text, BYTES("/")) || bytes_ends(*ret_name, BYTES(":")) ||
            bytes_ends(*ret_name, BYTES("/" EXECUTABLE_LOADER)))
            return LIBRARY_LINE_OTHER;
        return LIBRARY_LINE_FIXED;
    }
    *ret_name = bytes_slice(text, 0, at);
    path = bytes_slice(text, at + arrow.len, text.len);
    if (bytes_starts(path, BYTES("not found")))
        return LIBRARY_LINE_MISSING;
    *ret_path = without_address(path);
    if (bytes_ends(*ret_path, BYTES("/" EXECUTABLE_LOADER)) ||
        !bytes_starts(*ret_path, BYTES("/")))
        return LIBRARY_LINE_OTHER;
    return memchr(ret_name->ptr, '/', ret_name->len) != NULL ? LIBRARY_LINE_FIXED
                                                             : LIBRARY_LINE_FOUND;
}

static bool has(const struct library list[LIBRARIES_MAX], size_t n_list,
                struct bytes name)
{
    for (size_t i = 0; i < n_list; i++)
        if (bytes_eq(bytes_str(list[i].name), name))
            return true;
    return false;
}

static int add(struct arena *arena, struct library list[LIBRARIES_MAX], size_t *n_list,
               struct bytes name, struct bytes path, struct err *err)
{
    for (size_t i = 0; i < *n_list; i++) {
        if (!bytes_eq(bytes_str(list[i].name), name))
            continue;
        if (bytes_eq(bytes_str(list[i].path), path))
            return 0;
        return err_set(err, "%s means both %s and %.*s", list[i].name, list[i].path,
                       BYTES_FMT(path));
    }
    if (*n_list == LIBRARIES_MAX)
        return err_set(err, "more than %d libraries", LIBRARIES_MAX);
    list[(*n_list)++] = (struct library){.name = arena_copy(arena, name),
                                         .path = arena_copy(arena, path)};
    return 0;
}

static int add_line(const char *program, struct bytes line, struct arena *arena,
                    struct library list[LIBRARIES_MAX], size_t *n_list, struct err *err)
{
    struct bytes name = {0};
    struct bytes path = {0};

    switch (library_line_read(line, &name, &path)) {
    case LIBRARY_LINE_FOUND:
        return add(arena, list, n_list, name, path, err);
    case LIBRARY_LINE_MISSING:
        err_code(err, "PA9031", ERR_FAILED, "%s needs %.*s, which is not on this machine",
                 program, BYTES_FMT(name));
        return err_help(err, "LD_LIBRARY_PATH=FOLDER, if it lies where the loader does "
                             "not look");
    case LIBRARY_LINE_FIXED:
        err_code(err, "PA9031", ERR_FAILED,
                 "%s needs %.*s at that very path, which Lambda does not have", program,
                 BYTES_FMT(name));
        return err_help(err,
                        "give the library a name: gcc -shared -Wl,-soname,libNAME.so.1");
    case LIBRARY_LINE_OTHER:
        break;
    }
    return 0;
}

/* The C library opens it by itself when a thread is ended; no program asks for it. */
static int add_unwinder(struct arena *arena, struct library list[LIBRARIES_MAX],
                        size_t *n_list, struct err *err)
{
    const struct bytes name = BYTES("libgcc_s.so.1");
    const struct bytes libc = BYTES("/libc.so.6");

    for (size_t i = 0; i < *n_list; i++) {
        const struct bytes path = bytes_str(list[i].path);
        const char *beside;

        if (!bytes_ends(path, libc))
            continue;
        beside = arena_printf(arena, "%.*s/%.*s",
                              BYTES_FMT(bytes_slice(path, 0, path.len - libc.len)),
                              BYTES_FMT(name));
        return disk_exists(beside) && !has(list, *n_list, name)
                   ? add(arena, list, n_list, name, bytes_str(beside), err)
                   : 0;
    }
    return 0;
}

/* Of our own environment only what says where libraries lie. */
static const char *library_path(struct arena *arena)
{
    const char *given = getenv("LD_LIBRARY_PATH");

    return given != NULL ? arena_printf(arena, "LD_LIBRARY_PATH=%s", given) : NULL;
}

/* A name without a slash would be looked for among the libraries. */
static const char *with_slash(struct arena *arena, const char *path)
{
    return strchr(path, '/') != NULL ? path : arena_printf(arena, "./%s", path);
}

static int read_end(int fd, struct buf *ret)
{
    char chunk[4096];
    ssize_t n;

    do {
        n = read(fd, chunk, sizeof(chunk));
        if (n > 0)
            (void)buf_add(ret, bytes_of(chunk, (size_t)n));
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n < 0 || ret->full ? -1 : 0;
}

/* Both streams of the loader: its complaints are worth showing. */
static int run_loader(const char *program, const char *loader, struct arena *arena,
                      struct buf *ret, struct err *err)
{
    const char *const arguments[] = {loader, "--glibc-hwcaps-mask", "none",
                                     with_slash(arena, program), NULL};
    /* Unlike --list, this goes on when one is missing, and says which. */
    const char *const environment[] = {"LD_TRACE_LOADED_OBJECTS=1", library_path(arena),
                                       NULL};
    struct child child;
    int ends[2];
    int status = 0;
    int r;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, "list the libraries of %s", program);
    cleanup(closep) int listen = ends[0];
    cleanup(closep) int speak = ends[1];
    const struct child_options options = {.program = loader,
                                          .arguments = arguments,
                                          .environment = environment,
                                          .output_fd = &speak};
    if (child_start(&options, &child, err) < 0)
        return -1;
    closep(&speak);
    r = read_end(listen, ret);
    closep(&listen);
    child_reap(&child, &status);
    return r < 0 ? err_set(err, "the list of libraries of %s cannot be read", program)
                 : status;
}

int libraries_find(const char *program, const char *loader, struct arena *arena,
                   struct library list[LIBRARIES_MAX], size_t *n_list, struct err *err)
{
    cleanup(buf_done) struct buf text = {.max_bytes = LIST_BYTES};
    struct bytes rest;
    int status = run_loader(program, loader, arena, &text, err);

    if (status < 0)
        return -1;
    rest = buf_bytes(&text);
    while (rest.len > 0)
        if (add_line(program, bytes_take_until(&rest, '\n'), arena, list, n_list, err) <
            0)
            return -1;
    if (status != 0)
        return err_set(err, "%s does not list the libraries of %s: %.*s", loader, program,
                       BYTES_FMT(bytes_trim(buf_bytes(&text))));
    return add_unwinder(arena, list, n_list, err);
}
