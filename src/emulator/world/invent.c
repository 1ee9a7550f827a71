/* SPDX-License-Identifier: MIT */

#include "emulator/world/invent.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/hex.h"
#include "emulator/world/world.h"

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char secret_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~";

enum { ALPHANUMERICS = 62, HALF = 43 };

/* 32 bytes that nobody has had yet. */
static void draw(struct world *world, uint8_t ret_bytes[SHA256_LEN])
{
    const struct bytes parts[] = {
        bytes_of(&world->seed, sizeof(world->seed)),
        bytes_of(&world->n_invented, sizeof(world->n_invented)),
        bytes_str(world->name),
    };

    sha256_sum(parts, COUNT(parts), ret_bytes);
    world->n_invented++;
}

/* @len characters of the first @n_letters of @alphabet. */
static void write_letters(struct world *world, const char *alphabet, size_t n_letters,
                          size_t len, char *ret_text)
{
    uint8_t bytes[SHA256_LEN];

    for (size_t i = 0; i < len; i++) {
        if (i % SHA256_LEN == 0)
            draw(world, bytes);
        ret_text[i] = alphabet[bytes[i % SHA256_LEN] % n_letters];
    }
    ret_text[len] = '\0';
}

void invent_hex(struct world *world, size_t n_digits, char ret_text[INVENT_BYTES])
{
    write_letters(world, "0123456789abcdef", 16, n_digits, ret_text);
}

void invent_alphanumeric(struct world *world, size_t len, char ret_text[INVENT_BYTES])
{
    write_letters(world, url_alphabet, ALPHANUMERICS, len, ret_text);
}

void invent_uuid(struct world *world, char ret_text[INVENT_BYTES])
{
    uint8_t bytes[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];

    draw(world, bytes);
    bytes[6] = (uint8_t)(0x40 | (bytes[6] & 0x0f)); /* version 4 */
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    hex_encode(bytes, SHA256_LEN, hex);
    snprintf(ret_text, INVENT_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
             hex + 16, hex + 20);
}

void invent_token(struct world *world, char ret_text[INVENT_BYTES])
{
    write_letters(world, url_alphabet, sizeof(url_alphabet) - 1, HALF, ret_text);
    ret_text[HALF] = '.';
    write_letters(world, url_alphabet, sizeof(url_alphabet) - 1, HALF,
                  ret_text + HALF + 1);
}

void invent_secret(struct world *world, char ret_text[INVENT_BYTES])
{
    write_letters(world, secret_alphabet, sizeof(secret_alphabet) - 1, 12, ret_text);
}

uint32_t invent_u32(struct world *world)
{
    uint8_t bytes[SHA256_LEN];
    uint32_t number;

    draw(world, bytes);
    memcpy(&number, bytes, sizeof(number));
    return number;
}
