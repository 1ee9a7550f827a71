/* SPDX-License-Identifier: MIT */

#include "service/access/device.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/secret.h"

/* "user.random", what is signed. */
static void sign(const struct vault *vault, struct bytes text,
                 char ret_hex[2 * VAULT_HASH_LEN + 1])
{
    uint8_t hash[VAULT_HASH_LEN];

    vault_hash(vault, "device", text, hash);
    hex_encode(hash, sizeof(hash), ret_hex);
}

bool device_knows(const struct vault *vault, const struct server_request *request,
                  int64_t user, char ret_name[DEVICE_NAME_BYTES])
{
    struct bytes value = cookie_read(request, COOKIE_DEVICE);
    struct bytes rest = value;
    const struct bytes digits = bytes_take_until(&rest, '.');
    const struct bytes name = bytes_take_until(&rest, '.');
    char wanted[2 * VAULT_HASH_LEN + 1];
    int64_t number;

    if (!bytes_to_i64(digits, &number) || number != user || name.len < 1 ||
        name.len >= DEVICE_NAME_BYTES || rest.len != sizeof(wanted) - 1)
        return false;
    sign(vault, bytes_slice(value, 0, digits.len + 1 + name.len), wanted);
    if (!secret_eq(rest.ptr, wanted, rest.len))
        return false;
    snprintf(ret_name, DEVICE_NAME_BYTES, "%.*s", BYTES_FMT(name));
    return true;
}

void device_make(const struct vault *vault, int64_t user,
                 char ret_value[COOKIE_VALUE_BYTES])
{
    cleanup(buf_done) struct buf text = {0};
    char hex[2 * VAULT_HASH_LEN + 1];

    buf_init(&text, COOKIE_VALUE_BYTES);
    buf_addf(&text, "%lld.", (long long)user);
    vault_new_secret("", &text);
    sign(vault, buf_bytes(&text), hex);
    snprintf(ret_value, COOKIE_VALUE_BYTES, "%s.%s", buf_text(&text), hex);
}
