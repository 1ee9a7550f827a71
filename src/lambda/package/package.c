/* SPDX-License-Identifier: MIT */

#include "lambda/package/package.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "lambda/package/archive.h"
#include "lambda/package/executable.h"
#include "lambda/package/libraries.h"
#include "sys/child.h"
#include "sys/disk.h"

enum {
    MAX_PARTS = LIBRARIES_MAX + 16,
    LARGEST_SHOWN = 3,
    MIB = 1 << 20,
};

struct packing {
    const struct package_wish *wish;
    struct arena arena;
    struct archive_part parts[MAX_PARTS];
    size_t n_parts;
    struct library libraries[LIBRARIES_MAX];
    size_t n_libraries;
    const char *loader; /* here; NULL: no program needs one */
    struct buf manifest;
};

static void packing_donep(struct packing **packing)
{
    arena_done(&(*packing)->arena);
    buf_done(&(*packing)->manifest);
    free(*packing);
}

static int add_file(struct packing *packing, const char *name, const char *path,
                    bool is_program, struct err *err)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return err_sys(err, "%s", path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, "%s is no file", path);
    packing->parts[packing->n_parts++] =
        (struct archive_part){.name = arena_text(&packing->arena, name),
                              .path = arena_text(&packing->arena, path),
                              .is_program = is_program,
                              .size_bytes = status.st_size};
    return 0;
}

static void add_content(struct packing *packing, const char *name, struct bytes content)
{
    packing->parts[packing->n_parts++] = (struct archive_part){
        .name = name, .content = content, .size_bytes = (int64_t)content.len};
}

static int read_kind(struct packing *packing, const char *path,
                     enum executable_kind *ret_kind, const char **ret_loader,
                     struct err *err)
{
    cleanup(buf_done) struct buf image = {.max_bytes = PACKAGE_WHOLE_BYTES};
    struct bytes loader = {0};

    if (disk_read(path, &image, err) < 0)
        return -1;
    *ret_kind = executable_read(buf_bytes(&image), &loader);
    *ret_loader = arena_copy(&packing->arena, loader);
    return 0;
}

static int refuse_program(const char *path, enum executable_kind kind, struct err *err)
{
    const char *why = kind == EXECUTABLE_LIBRARY   ? "a library or an object file"
                      : kind == EXECUTABLE_FOREIGN ? "for another kind of processor"
                                                   : "no program (no ELF)";

    err_code(err, "PA9030", ERR_FAILED, "%s is %s", path, why);
    return err_help(err, "a handler is a program for Linux on " EXECUTABLE_ARCHITECTURE
                         ", as this machine's compiler makes it");
}

/* A program and what it needs, as lib/bin/NAME. */
static int add_dynamic(struct packing *packing, const char *name, const char *path,
                       const char *loader, struct err *err)
{
    if (!bytes_ends(bytes_str(loader), BYTES("/" EXECUTABLE_LOADER))) {
        err_code(err, "PA9030", ERR_FAILED, "%s is started by %s, which is not of glibc",
                 path, loader);
        return err_help(err, "link it statically: then it is packed as it is");
    }
    packing->loader = loader;
    if (libraries_find(path, loader, &packing->arena, packing->libraries,
                       &packing->n_libraries, err) < 0)
        return -1;
    return add_file(packing, arena_printf(&packing->arena, "lib/bin/%s", name), path,
                    /* is_program= */ true, err);
}

static int find_own(const char *name, char ret_path[PATH_MAX], struct err *err)
{
    if (child_sibling(name, ret_path, PATH_MAX, err) < 0)
        return -1;
    if (disk_exists(ret_path))
        return 0;
    err_code(err, "PA9033", ERR_FAILED, "a part of partnerapp is missing: %s", ret_path);
    return err_help(err, "all its programs lie in one folder: make build, make install");
}

static int add_own(struct packing *packing, const char *program, const char *name,
                   struct err *err)
{
    char path[PATH_MAX];
    enum executable_kind kind = EXECUTABLE_NONE;
    const char *loader = NULL;

    if (find_own(program, path, err) < 0 ||
        read_kind(packing, path, &kind, &loader, err) < 0)
        return -1;
    if (kind != EXECUTABLE_DYNAMIC)
        return refuse_program(path, kind, err);
    return add_dynamic(packing, name, path, loader, err);
}

static int add_starter(struct packing *packing, const char *name, struct err *err)
{
    char path[PATH_MAX];

    return find_own("partnerapp-starter", path, err) < 0
               ? -1
               : add_file(packing, name, path, /* is_program= */ true, err);
}

static int add_ca_file(struct packing *packing, struct err *err)
{
    const char *const places[] = {packing->wish->ca_file, getenv("SSL_CERT_FILE"),
                                  "/etc/ssl/certs/ca-certificates.crt",
                                  "/etc/pki/tls/certs/ca-bundle.crt"};

    /* One that was named is taken, or missed aloud. */
    for (size_t i = 0; i < COUNT(places); i++)
        if (places[i] != NULL && places[i][0] != '\0' &&
            (i < 2 || disk_exists(places[i])))
            return add_file(packing, "lib/ca-certificates.crt", places[i],
                            /* is_program= */ false, err);
    err_code(err, "PA9033", ERR_FAILED,
             "this machine has no list of certificate authorities to take along");
    return err_help(err, "apt install ca-certificates, or SSL_CERT_FILE=FILE");
}

static int add_libraries(struct packing *packing, struct err *err)
{
    for (size_t i = 0; i < packing->n_libraries; i++)
        if (add_file(packing,
                     arena_printf(&packing->arena, "lib/%s", packing->libraries[i].name),
                     packing->libraries[i].path, /* is_program= */ false, err) < 0)
            return -1;
    return add_file(packing, "lib/" EXECUTABLE_LOADER, packing->loader,
                    /* is_program= */ true, err);
}

static int add_function(struct packing *packing, struct err *err)
{
    const struct package_function *function = packing->wish->function;

    manifest_write(&function->manifest, &packing->manifest);
    add_content(packing, "function/index.js", function->source);
    add_content(packing, "function/function.json", buf_bytes(&packing->manifest));
    return add_own(packing, "partnerapp", "bootstrap", err) < 0 ||
                   add_own(packing, "partnerapp-runner", "partnerapp-runner", err) < 0 ||
                   add_starter(packing, "lib/partnerapp-runner", err) < 0
               ? -1
               : 0;
}

/* A static program needs nothing of us. */
static int add_handler(struct packing *packing, struct err *err)
{
    const char *path = packing->wish->handler;
    enum executable_kind kind = EXECUTABLE_NONE;
    const char *loader = NULL;

    if (read_kind(packing, path, &kind, &loader, err) < 0)
        return -1;
    if (kind == EXECUTABLE_STATIC)
        return add_file(packing, "bootstrap", path, /* is_program= */ true, err);
    if (kind != EXECUTABLE_DYNAMIC)
        return refuse_program(path, kind, err);
    return add_dynamic(packing, "bootstrap", path, loader, err);
}

static int by_name(const void *a, const void *b)
{
    const struct archive_part *first = a;
    const struct archive_part *second = b;

    return strcmp(first->name, second->name);
}

static int by_size_down(const void *a, const void *b)
{
    const struct archive_part *first = a;
    const struct archive_part *second = b;

    return (first->size_bytes < second->size_bytes) -
           (first->size_bytes > second->size_bytes);
}

static int refuse_size(struct packing *packing, const char *what, int limit,
                       struct err *err)
{
    char largest[256] = "";
    size_t len = 0;

    qsort(packing->parts, packing->n_parts, sizeof(packing->parts[0]), by_size_down);
    for (size_t i = 0; i < packing->n_parts && i < LARGEST_SHOWN; i++)
        len += (size_t)snprintf(largest + len, sizeof(largest) - len, "%s%.60s %lld MiB",
                                i > 0 ? ", " : "", packing->parts[i].name,
                                (long long)packing->parts[i].size_bytes / MIB);
    err_code(err, "PA9032", ERR_FAILED,
             "%s would be larger than the %d MiB that Lambda takes", what, limit / MIB);
    return err_help(err, "the largest parts, unzipped: %s", largest);
}

static int64_t whole_bytes(const struct packing *packing)
{
    int64_t sum = 0;

    for (size_t i = 0; i < packing->n_parts; i++)
        sum += packing->parts[i].size_bytes;
    return sum;
}

static int gather(struct packing *packing, struct err *err)
{
    int r = packing->wish->function != NULL ? add_function(packing, err)
                                            : add_handler(packing, err);

    if (r == 0 && packing->loader != NULL &&
        (add_starter(packing, "bootstrap", err) < 0 || add_ca_file(packing, err) < 0 ||
         add_libraries(packing, err) < 0))
        r = -1;
    return r;
}

/* Follows a link, and keeps the rights of what is replaced. */
static int write_zip(const char *path, struct bytes zip, struct err *err)
{
    char real[PATH_MAX];
    struct stat status;
    mode_t mask = umask(0);

    (void)umask(mask);
    if (realpath(path, real) == NULL || stat(real, &status) < 0)
        return errno == ENOENT ? disk_replace(path, zip, 0666 & ~mask, err)
                               : err_sys(err, "%s", path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, "%s is there and is no file", path);
    return disk_replace(real, zip, status.st_mode & 0777, err);
}

static int make(struct packing *packing, struct package_made *ret_made, struct err *err)
{
    cleanup(buf_done) struct buf zip = {.max_bytes = PACKAGE_ZIPPED_BYTES};
    int64_t whole;
    int r;

    if (gather(packing, err) < 0)
        return -1;
    whole = whole_bytes(packing);
    if (whole > PACKAGE_WHOLE_BYTES)
        return refuse_size(packing, "the unzipped folder", PACKAGE_WHOLE_BYTES, err);
    qsort(packing->parts, packing->n_parts, sizeof(packing->parts[0]), by_name);
    r = archive_make(packing->parts, packing->n_parts, &zip, err);
    if (r == BUF_FULL)
        return refuse_size(packing, "the zip", PACKAGE_ZIPPED_BYTES, err);
    if (r < 0 || write_zip(packing->wish->path, buf_bytes(&zip), err) < 0)
        return -1;
    *ret_made = (struct package_made){.zipped_bytes = (int64_t)zip.len,
                                      .whole_bytes = whole,
                                      .n_files = (unsigned)packing->n_parts};
    return 0;
}

int package_make(const struct package_wish *wish, struct package_made *ret_made,
                 struct err *err)
{
    cleanup(packing_donep) struct packing *packing = mem_new(struct packing);

    packing->wish = wish;
    arena_init(&packing->arena);
    buf_init(&packing->manifest, MANIFEST_BYTES);
    return make(packing, ret_made, err);
}
