/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "base/hex.h"
#include "base/secret.h"
#include "core/oauth.h"
#include "service/enable_state.h"
#include "service/snapshot.h"
#include "store/installs.h"

enum { KNOWN_S = 365 * 24 * 60 * 60, NUMBER_BYTES = 24 };

#define PATH "/auth/segment/callback"

static const struct config *config_of(const struct site *site)
{
    return atomic_load(&((struct site *)(uintptr_t)site)->snapshot)->config;
}

static bool is_wildcard(struct bytes host)
{
    static const char *const hosts[] = {
        "0.0.0.0", "127.0.0.1", "::", "::1", "[::]", "[::1]"};

    for (size_t i = 0; i < COUNT(hosts); i++) {
        if (bytes_eq(host, bytes_str(hosts[i])))
            return true;
    }
    return false;
}

void enable_redirect_uri(const struct site *site, char ret_uri[ENABLE_ADDRESS_BYTES])
{
    const struct config *config = config_of(site);
    struct bytes base = bytes_str(config->server.public_url);
    const struct bytes address = bytes_str(site->public_text);
    size_t colon = address.len;

    while (base.len > 0 && base.ptr[base.len - 1] == '/')
        base.len--;
    if (base.len > 0) {
        snprintf(ret_uri, ENABLE_ADDRESS_BYTES, "%.*s" PATH, BYTES_FMT(base));
        return;
    }
    while (colon > 0 && address.ptr[colon - 1] != ':')
        colon--;
    const struct bytes host = bytes_slice(address, 0, colon > 0 ? colon - 1 : 0);
    snprintf(ret_uri, ENABLE_ADDRESS_BYTES, "%s://%.*s:%s" PATH,
             config->server.tls_cert != NULL ? "https" : "http",
             is_wildcard(host) ? 9 : (int)host.len,
             is_wildcard(host) ? "localhost" : host.ptr, address.ptr + colon);
}

void enable_hash(const struct site *site, struct bytes text,
                 uint8_t ret_hash[VAULT_HASH_LEN])
{
    vault_hash(site->vault, "attempt", text, ret_hash);
}

static bool is_https(const struct site *site)
{
    char uri[ENABLE_ADDRESS_BYTES];

    enable_redirect_uri(site, uri);
    return strncmp(uri, "https://", 8) == 0;
}

/* __Host- means the whole host and no other. */
static void write_cookie(const struct site *site, const char *name, const char *value,
                         int age_s, char ret_text[ENABLE_COOKIE_BYTES])
{
    const bool is_safe = is_https(site);

    snprintf(ret_text, ENABLE_COOKIE_BYTES,
             "%s%s=%s; Max-Age=%d; Path=%s; HttpOnly; SameSite=Lax%s",
             is_safe ? "__Host-" : "", name, value, age_s, is_safe ? "/" : "/auth",
             is_safe ? "; Secure" : "");
}

static struct bytes read_cookie(const struct site *site, struct server_request *request,
                                const char *name)
{
    struct bytes rest = server_header(request, "Cookie");
    char full[ENABLE_COOKIE_BYTES];

    snprintf(full, sizeof(full), "%s%s", is_https(site) ? "__Host-" : "", name);
    while (rest.len > 0) {
        struct bytes pair = bytes_trim(bytes_take_until(&rest, ';'));
        const struct bytes key = bytes_take_until(&pair, '=');

        if (bytes_eq(key, bytes_str(full)))
            return pair;
    }
    return BYTES("");
}

static void name_of(struct bytes tag, char ret_name[64])
{
    snprintf(ret_name, 64, "pa_enable_%.*s",
             BYTES_FMT(bytes_slice(tag, 0, ENABLE_TAG_LEN)));
}

void enable_write_cookie(const struct site *site, struct bytes state, const char *value,
                         char ret_text[ENABLE_COOKIE_BYTES])
{
    char name[64];

    name_of(state, name);
    /* Who comes late is known as long as the attempt is remembered. */
    write_cookie(site, name, value, (OAUTH_ATTEMPT_MS + STORE_LATE_MS) / 1000, ret_text);
}

struct bytes enable_read_cookie(const struct site *site, struct server_request *request,
                                struct bytes tag)
{
    char name[64];

    if (tag.len != ENABLE_TAG_LEN)
        return BYTES("");
    name_of(tag, name);
    return read_cookie(site, request, name);
}

static void sign(const struct site *site, struct bytes number,
                 char ret_hex[2 * VAULT_HASH_LEN + 1])
{
    uint8_t hash[VAULT_HASH_LEN];

    vault_hash(site->vault, "enabled", number, hash);
    hex_encode(hash, sizeof(hash), ret_hex);
}

void enable_write_known(const struct site *site, int64_t number,
                        char ret_text[ENABLE_COOKIE_BYTES])
{
    char digits[NUMBER_BYTES];
    char hex[2 * VAULT_HASH_LEN + 1];
    char value[NUMBER_BYTES + sizeof(hex)];

    snprintf(digits, sizeof(digits), "%lld", (long long)number);
    sign(site, bytes_str(digits), hex);
    snprintf(value, sizeof(value), "%s.%s", digits, hex);
    write_cookie(site, "pa_enabled", value, KNOWN_S, ret_text);
}

int64_t enable_read_known(const struct site *site, struct server_request *request)
{
    struct bytes value = read_cookie(site, request, "pa_enabled");
    const struct bytes digits = bytes_take_until(&value, '.');
    char hex[2 * VAULT_HASH_LEN + 1];
    int64_t number;

    if (digits.len >= NUMBER_BYTES || !bytes_to_i64(digits, &number) || number <= 0)
        return 0;
    sign(site, digits, hex);
    return value.len == sizeof(hex) - 1 && secret_eq(value.ptr, hex, value.len) ? number
                                                                                : 0;
}
