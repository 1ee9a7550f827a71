/* SPDX-License-Identifier: MIT */

#include "lambda/package/archive.h"

#include <sys/stat.h>
#include <zip.h>

#include "base/err.h"

enum {
    /* The highest takes three times as long here, for nothing. */
    LEVEL = 6,
    NO_TIME = 0,
    FIRST_DATE = 0x21, /* years since 1980, month, day: 7, 4 and 5 bits */
    MODE_SHIFT = 16,   /* where Unix keeps it in the attributes */
};

static void discardp(zip_t **zip)
{
    if (*zip != NULL)
        zip_discard(*zip);
}

static void source_freep(zip_source_t **source)
{
    if (*source != NULL)
        zip_source_free(*source);
}

static int fail(struct err *err, const char *what, zip_error_t *error)
{
    (void)err_set(err, "%s: %s", what, zip_error_strerror(error));
    zip_error_fini(error);
    return -1;
}

static zip_source_t *open_part(const struct archive_part *part, zip_error_t *error)
{
    /* An empty buffer of libzip's must still have an address. */
    const char *content = part->content.ptr != NULL ? part->content.ptr : "";

    return part->path != NULL
               ? zip_source_file_create(part->path, 0, -1, error)
               : zip_source_buffer_create(content, part->content.len, 0, error);
}

static int add(zip_t *zip, const struct archive_part *part, struct err *err)
{
    const zip_uint32_t mode = S_IFREG | (part->is_program ? 0755u : 0644u);
    zip_error_t error;
    zip_source_t *source;
    zip_int64_t index;

    zip_error_init(&error);
    source = open_part(part, &error);
    if (source == NULL)
        return fail(err, part->path != NULL ? part->path : part->name, &error);
    index = zip_file_add(zip, part->name, source, ZIP_FL_ENC_GUESS);
    if (index < 0)
        zip_source_free(source); /* else the zip's */
    if (index < 0 ||
        zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, LEVEL) < 0 ||
        zip_file_set_dostime(zip, (zip_uint64_t)index, NO_TIME, FIRST_DATE, 0) < 0 ||
        zip_file_set_external_attributes(zip, (zip_uint64_t)index, 0, ZIP_OPSYS_UNIX,
                                         mode << MODE_SHIFT) < 0)
        return err_set(err, "pack %s: %s", part->name, zip_strerror(zip));
    return 0;
}

/* libzip reads the files only here. */
static int finish(zip_t **zip, struct err *err)
{
    if (zip_close(*zip) < 0)
        return err_set(err, "pack: %s", zip_strerror(*zip));
    *zip = NULL;
    return 0;
}

static int read_all(zip_source_t *source, struct buf *ret, struct err *err)
{
    char *room;
    zip_int64_t n;
    zip_stat_t status;

    if (zip_source_stat(source, &status) < 0 || (status.valid & ZIP_STAT_SIZE) == 0 ||
        zip_source_open(source) < 0)
        return err_set(err, "the zip that was made cannot be read");
    room = buf_room(ret, status.size);
    n = room != NULL ? zip_source_read(source, room, status.size) : 0;
    (void)zip_source_close(source);
    if (room == NULL)
        return BUF_FULL;
    if (n < 0 || (zip_uint64_t)n != status.size)
        return err_set(err, "the zip that was made cannot be read");
    buf_grew(ret, status.size);
    return 0;
}

int archive_make(const struct archive_part *parts, size_t n_parts, struct buf *ret,
                 struct err *err)
{
    zip_error_t error;

    zip_error_init(&error);
    cleanup(source_freep) zip_source_t *whole =
        zip_source_buffer_create(NULL, 0, 0, &error);
    if (whole == NULL)
        return fail(err, "make a zip", &error);
    cleanup(discardp) zip_t *zip =
        zip_open_from_source(whole, ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (zip == NULL)
        return fail(err, "make a zip", &error);
    zip_source_keep(whole); /* one is zip's, one ours */
    for (size_t i = 0; i < n_parts; i++)
        if (add(zip, &parts[i], err) < 0)
            return -1;
    return finish(&zip, err) < 0 ? -1 : read_all(whole, ret, err);
}
