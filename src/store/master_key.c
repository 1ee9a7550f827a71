/* SPDX-License-Identifier: MIT */

#include "store/master_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/secret.h"
#include "store/folder.h"

enum { PATH_BYTES = 4096, TEXT_MAX = 256 };

/* The answer of a source that is not there. */
enum { ABSENT = 1 };

static bool add_key(struct master_keys *keys, struct bytes text)
{
    cleanup(buf_done) struct buf decoded = {0};
    bool is_good;

    buf_init(&decoded, MASTER_KEY_LEN);
    is_good = keys->n < MASTER_KEYS_MAX && base64_decode(text, &decoded) &&
              decoded.len == MASTER_KEY_LEN;
    if (is_good)
        memcpy(keys->keys[keys->n++], decoded.ptr, MASTER_KEY_LEN);
    secret_wipe(decoded.ptr, decoded.len);
    return is_good;
}

/* False: not the base64 of one to four keys. */
static bool parse_text(struct bytes text, struct master_keys *keys)
{
    while (text.len > 0) {
        struct bytes line = bytes_take_until(&text, '\n');

        while (line.len > 0) {
            struct bytes word = bytes_trim(bytes_take_until(&line, ','));

            if (word.len > 0 && !add_key(keys, word))
                return false;
        }
    }
    return keys->n > 0;
}

static bool parse(struct bytes text, struct master_keys *keys)
{
    if (text.len != MASTER_KEY_LEN)
        return parse_text(text, keys);
    memcpy(keys->keys[0], text.ptr, MASTER_KEY_LEN);
    keys->n = 1;
    return true;
}

/* --- the environment -------------------------------------------------------------- */

/* Whoever reads /proc/PID/environ later, and every child, finds nothing. */
static int from_environment(struct master_keys *keys, struct err *err)
{
    char *value = getenv(MASTER_KEY_VARIABLE);
    struct bytes text = bytes_str(value);
    bool is_good;

    /* Empty is unset: compose files pass what the host does not have as that. */
    if (text.len == 0)
        return ABSENT;
    is_good = parse_text(text, keys);
    secret_wipe(value, text.len);
    unsetenv(MASTER_KEY_VARIABLE);
    if (is_good)
        return 0;
    err_code(err, "PA1031", ERR_CONFIG, "the master key is not the base64 of %d bytes",
             MASTER_KEY_LEN);
    err_place(err, "--> environment variable " MASTER_KEY_VARIABLE);
    return err_help(err, "for a new store, make one: head -c 32 /dev/urandom | base64");
}

/* --- files ------------------------------------------------------------------------ */

static int read_text(int fd, const char *path, struct master_keys *keys, struct err *err)
{
    char text[TEXT_MAX + 1];
    ssize_t n = pread(fd, text, sizeof(text), 0);
    bool is_good;

    if (n < 0)
        return err_sys(err, "read the master key %s", path);
    is_good = n <= TEXT_MAX && parse(bytes_of(text, (size_t)n), keys);
    secret_wipe(text, sizeof(text));
    if (is_good)
        return 0;
    err_code(err, "PA1031", ERR_CONFIG,
             "the master key %s is not a file of %d bytes, or of their base64", path,
             MASTER_KEY_LEN);
    return err_help(err, "put back the key that this data was sealed with");
}

static int check_file(int fd, const char *path, bool is_private, struct err *err)
{
    struct stat info;

    if (fstat(fd, &info) < 0)
        return err_sys(err, "look at %s", path);
    if (!S_ISREG(info.st_mode))
        return err_code(err, "PA1031", ERR_CONFIG, "the master key %s is no file", path);
    if (!is_private || (info.st_mode & 077) == 0)
        return 0;
    err_code(err, "PA1030", ERR_CONFIG, "the master key %s can be read by others", path);
    return err_help(err, "chmod 600 %s", path);
}

/* Not kept waiting by a pipe that somebody put there. */
static int from_file(const char *path, bool is_private, struct master_keys *keys,
                     struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result;

    if (fd < 0 && errno == ENOENT)
        return ABSENT;
    if (fd < 0)
        return err_sys(err, "open the master key %s", path);
    result = check_file(fd, path, is_private, err);
    if (result == 0)
        result = read_text(fd, path, keys, err);
    close(fd);
    return result;
}

static int from_credential(struct master_keys *keys, struct err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_BYTES];

    if (folder == NULL || folder[0] == '\0')
        return ABSENT;
    if ((size_t)snprintf(path, sizeof(path), "%s/" MASTER_KEY_CREDENTIAL, folder) >=
        sizeof(path))
        return err_set(err, "the path in CREDENTIALS_DIRECTORY is too long");
    return from_file(path, /* is_private= */ false, keys, err);
}

static int write_draft(const char *draft, struct bytes text, struct err *err)
{
    int fd, result = 0;

    (void)unlink(draft);
    fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, "create %s", draft);
    if (write(fd, text.ptr, text.len) != (ssize_t)text.len || fsync(fd) < 0)
        result = err_sys(err, "write %s", draft);
    close(fd);
    return result;
}

static int name_draft(const char *key_file, char draft[PATH_BYTES], struct err *err)
{
    if ((size_t)snprintf(draft, PATH_BYTES, "%s.%d", key_file, (int)getpid()) >=
        PATH_BYTES)
        return err_set(err, "the path of the master key is too long");
    return 0;
}

/* Written beside and linked to its name when whole: a kill between never leaves a short
 * key file, and whoever comes second to the name uses the first one's key. */
static int create(const char *key_file, struct err *err)
{
    uint8_t key[MASTER_KEY_LEN];
    char draft[PATH_BYTES];
    int result;

    if (name_draft(key_file, draft, err) < 0)
        return -1;
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return err_sys(err, "make a master key");
    result = write_draft(draft, bytes_of(key, sizeof(key)), err);
    secret_wipe(key, sizeof(key));
    if (result == 0 && link(draft, key_file) < 0 && errno != EEXIST)
        result = err_sys(err, "create %s", key_file);
    if (result == 0)
        result = folder_sync(key_file, err);
    (void)unlink(draft);
    return result;
}

int master_key_replace(const char *key_file, const struct master_keys *keys,
                       struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    char draft[PATH_BYTES];
    int result;

    if (name_draft(key_file, draft, err) < 0)
        return -1;
    buf_init(&text, TEXT_MAX);
    (void)buf_room(&text, TEXT_MAX); /* at once: growing would leave copies behind */
    for (size_t i = 0; i < keys->n; i++) {
        base64_encode(bytes_of(keys->keys[i], MASTER_KEY_LEN), &text);
        buf_add_char(&text, '\n');
    }
    result = write_draft(draft, buf_bytes(&text), err);
    secret_wipe(text.ptr, text.len);
    if (result == 0 && rename(draft, key_file) < 0)
        result = err_sys(err, "replace %s", key_file);
    if (result == 0)
        return folder_sync(key_file, err);
    (void)unlink(draft);
    return -1;
}

static int absent(const char *key_file, struct err *err)
{
    err_code(err, "PA1031", ERR_CONFIG, "there is no master key %s", key_file);
    return err_help(err, "put back the key that this data was sealed with");
}

int master_key_read(const char *key_file, bool may_create, struct master_keys *ret_keys,
                    struct err *err)
{
    int result;

    *ret_keys = (struct master_keys){0};
    result = from_environment(ret_keys, err);
    if (result == ABSENT)
        result = from_credential(ret_keys, err);
    if (result != ABSENT)
        return result;
    ret_keys->is_file = true;
    result = from_file(key_file, /* is_private= */ true, ret_keys, err);
    if (result != ABSENT)
        return result;
    if (!may_create)
        return absent(key_file, err);
    if (create(key_file, err) < 0)
        return -1;
    result = from_file(key_file, /* is_private= */ true, ret_keys, err);
    return result == ABSENT ? absent(key_file, err) : result;
}
