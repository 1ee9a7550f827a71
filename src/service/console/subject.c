/* SPDX-License-Identifier: MIT */

#include "service/console/subject.h"

#include <sys/stat.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/hex.h"
#include "service/site.h"
#include "sys/disk.h"

enum { FILE_MODE = 0644 };

bool subject_find(const struct site_call *call, struct subject *ret_subject)
{
    const struct snapshot *snapshot = atomic_load(&call->site->snapshot);
    const struct config_subscription *config =
        config_by_name(snapshot->config, call->parameters[0]);

    *ret_subject = (struct subject){.snapshot = snapshot, .config = config};
    if (config != NULL && config->function != NULL)
        return true;
    site_problem(call->request, 404, "PA7005", "there is no function with this name");
    return false;
}

int subject_read(const struct subject *subject, struct buf *ret_source, struct err *err)
{
    if (!disk_exists(subject->config->function))
        return 0;
    return disk_read(subject->config->function, ret_source, err);
}

int subject_write(const struct subject *subject, struct bytes source, struct err *err)
{
    const char *path = subject->config->function;
    struct stat status;
    mode_t mode = FILE_MODE;

    if (lstat(path, &status) == 0) {
        if (!S_ISREG(status.st_mode))
            return err_code(err, "PA7034", ERR_CONFLICT,
                            "%s is a link or no file: it is not written from here", path);
        mode = status.st_mode & 0777;
    }
    return disk_replace(path, source, mode, err);
}

void subject_sum(struct bytes source, char ret_text[SUBJECT_SUM_LEN])
{
    uint8_t sum[SHA256_LEN];

    sha256_sum(&source, 1, sum);
    hex_encode(sum, sizeof(sum), ret_text);
}
