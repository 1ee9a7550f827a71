/* SPDX-License-Identifier: MIT */

#include "net/known_urls.h"

#include <stdint.h>

#include "base/mem.h"
#include "net/url.h"

enum { N_PLACES = 64, LONGEST = 512 };

struct place {
    char *text; /* NULL: empty */
    size_t len;
    struct url *url;
};

struct known_urls {
    struct place places[N_PLACES];
};

struct known_urls *known_urls_new(void)
{
    return mem_new(struct known_urls);
}

static void clear(struct place *place)
{
    free(place->text);
    url_free(place->url);
    *place = (struct place){0};
}

void known_urls_free(struct known_urls *known)
{
    if (known == NULL)
        return;
    for (size_t i = 0; i < N_PLACES; i++)
        clear(&known->places[i]);
    free(known);
}

/* FNV-1a. Whoever finds texts for one place wins a parse for each, which is what they
 * would cost anyway. */
static struct place *place_of(struct known_urls *known, struct bytes text)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619U;
    return &known->places[(hash ^ hash >> 16) % N_PLACES];
}

struct url *known_urls_get(struct known_urls *known, struct bytes text,
                           const char **ret_why)
{
    struct place *place;
    struct url *url;

    if (text.len > LONGEST)
        return url_parse(text, ret_why);
    place = place_of(known, text);
    if (place->text != NULL && bytes_eq(bytes_of(place->text, place->len), text))
        return url_share(place->url);
    url = url_parse(text, ret_why);
    if (url == NULL)
        return NULL;
    clear(place);
    *place = (struct place){bytes_copy(text), text.len, url};
    return url_share(url);
}
