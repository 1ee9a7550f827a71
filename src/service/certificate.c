/* SPDX-License-Identifier: MIT */

#include "service/certificate.h"

#include "base/err.h"
#include "core/config.h"
#include "sys/disk.h"

enum { PEM_BYTES = 1 << 20 };

int certificate_read(struct certificate *certificate, const struct config *config,
                     struct err *err)
{
    buf_init(&certificate->cert, PEM_BYTES);
    buf_init(&certificate->key, PEM_BYTES);
    if (config->server.tls_cert == NULL || config->server.tls_key == NULL)
        return 0;
    if (disk_read(config->server.tls_cert, &certificate->cert, err) < 0 ||
        disk_read(config->server.tls_key, &certificate->key, err) < 0)
        return err_wrap(err, "server.tls_cert, server.tls_key");
    return 1;
}

void certificate_done(struct certificate *certificate)
{
    buf_done(&certificate->cert);
    secret_wipe(certificate->key.ptr, certificate->key.len);
    buf_done(&certificate->key);
}
