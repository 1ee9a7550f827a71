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

enum { PATH_BYTES = 4096, TEXT_MAX = 64 };

/* The answer of a source that is not there. */
enum { ABSENT = 1 };

/* False: neither 32 bytes nor the base64 of 32. */
static bool parse(struct bytes text, uint8_t ret_key[MASTER_KEY_LEN])
{
    cleanup(buf_done) struct buf decoded = {0};
    bool is_good = text.len == MASTER_KEY_LEN;

    if (is_good) {
        memcpy(ret_key, text.ptr, MASTER_KEY_LEN);
        return true;
    }
    buf_init(&decoded, MASTER_KEY_LEN);
    is_good = base64_decode(bytes_trim(text), &decoded) && decoded.len == MASTER_KEY_LEN;
    if (is_good)
        memcpy(ret_key, decoded.ptr, MASTER_KEY_LEN);
    secret_wipe(decoded.ptr, decoded.len);
    return is_good;
}

/* --- the environment -------------------------------------------------------------- */

/* Whoever reads /proc/PID/environ later, and every child, finds nothing. */
static int from_environment(uint8_t ret_key[MASTER_KEY_LEN], struct err *err)
{
    char *value = getenv(MASTER_KEY_VARIABLE);
    struct bytes text = bytes_str(value);
    bool is_good;

    /* Empty is unset: compose files pass what the host does not have as that. */
    if (text.len == 0)
        return ABSENT;
    /* 32 characters are no bytes here, only a short text. */
    is_good = text.len != MASTER_KEY_LEN && parse(text, ret_key);
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

static int read_text(int fd, const char *path, uint8_t ret_key[MASTER_KEY_LEN],
                     struct err *err)
{
    char text[TEXT_MAX + 1];
    ssize_t n = pread(fd, text, sizeof(text), 0);
    bool is_good;

    if (n < 0)
        return err_sys(err, "read the master key %s", path);
    is_good = n <= TEXT_MAX && parse(bytes_of(text, (size_t)n), ret_key);
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
static int from_file(const char *path, bool is_private, uint8_t ret_key[MASTER_KEY_LEN],
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
        result = read_text(fd, path, ret_key, err);
    close(fd);
    return result;
}

static int from_credential(uint8_t ret_key[MASTER_KEY_LEN], struct err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_BYTES];

    if (folder == NULL || folder[0] == '\0')
        return ABSENT;
    if ((size_t)snprintf(path, sizeof(path), "%s/" MASTER_KEY_CREDENTIAL, folder) >=
        sizeof(path))
        return err_set(err, "the path in CREDENTIALS_DIRECTORY is too long");
    return from_file(path, /* is_private= */ false, ret_key, err);
}

static int write_new(int fd, const char *draft, struct err *err)
{
    uint8_t key[MASTER_KEY_LEN];
    int result = 0;

    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        result = err_sys(err, "make a master key");
    else if (write(fd, key, sizeof(key)) != (ssize_t)sizeof(key) || fsync(fd) < 0)
        result = err_sys(err, "write %s", draft);
    secret_wipe(key, sizeof(key));
    return result;
}

/* Written beside and linked to its name when whole: a kill between never leaves a short
 * key file, and whoever comes second to the name uses the first one's key. */
static int create(const char *key_file, struct err *err)
{
    char draft[PATH_BYTES];
    int fd, result;

    if ((size_t)snprintf(draft, sizeof(draft), "%s.%d", key_file, (int)getpid()) >=
        sizeof(draft))
        return err_set(err, "the path of the master key is too long");
    (void)unlink(draft);
    fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, "create %s", draft);
    result = write_new(fd, draft, err);
    if (result == 0 && link(draft, key_file) < 0 && errno != EEXIST)
        result = err_sys(err, "create %s", key_file);
    if (result == 0)
        result = folder_sync(key_file, err);
    close(fd);
    (void)unlink(draft);
    return result;
}

static int absent(const char *key_file, struct err *err)
{
    err_code(err, "PA1031", ERR_CONFIG, "there is no master key %s", key_file);
    return err_help(err, "put back the key that this data was sealed with");
}

int master_key_read(const char *key_file, bool may_create,
                    uint8_t ret_key[MASTER_KEY_LEN], struct err *err)
{
    int result = from_environment(ret_key, err);

    if (result == ABSENT)
        result = from_credential(ret_key, err);
    if (result == ABSENT)
        result = from_file(key_file, /* is_private= */ true, ret_key, err);
    if (result != ABSENT)
        return result;
    if (!may_create)
        return absent(key_file, err);
    if (create(key_file, err) < 0)
        return -1;
    result = from_file(key_file, /* is_private= */ true, ret_key, err);
    return result == ABSENT ? absent(key_file, err) : result;
}
