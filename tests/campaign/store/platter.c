/* SPDX-License-Identifier: MIT */

#include "platter.h"

#include "base/mem.h"

/* --- images ------------------------------------------------------------------------- */

static void image_reserve(struct platter_image *image, size_t len)
{
    if (len <= image->capacity)
        return;
    image->capacity = 2 * len;
    image->bytes = mem_grow(image->bytes, image->capacity, 1);
}

static void image_resize(struct platter_image *image, size_t len)
{
    image_reserve(image, len);
    if (len > image->len)
        memset(image->bytes + image->len, 0, len - image->len);
    image->len = len;
}

static void image_put(struct platter_image *image, size_t at, const uint8_t *bytes,
                      size_t len)
{
    if (len == 0)
        return;
    if (at + len > image->len)
        image_resize(image, at + len);
    memcpy(image->bytes + at, bytes, len);
}

static void image_copy(struct platter_image *image, const struct platter_image *from)
{
    image->len = 0;
    image_put(image, 0, from->bytes, from->len);
}

static void image_apply(struct platter_image *image, const struct platter_change *change)
{
    if (change->bytes != NULL)
        image_put(image, change->at, change->bytes, change->len);
    else
        image_resize(image, change->at);
}

/* --- a write, torn ------------------------------------------------------------------ */

static size_t sector_end(const struct platter_change *change, size_t at)
{
    size_t end = (at / PLATTER_SECTOR_BYTES + 1) * PLATTER_SECTOR_BYTES;

    return end < change->at + change->len ? end : change->at + change->len;
}

/* Each sector alone, or all up to one of them. */
static void image_tear(struct platter_image *image, const struct platter_change *change,
                       struct chance *chance)
{
    bool is_prefix = chance_in(chance, 50);
    size_t end;

    for (size_t at = change->at; at < change->at + change->len; at = end) {
        end = sector_end(change, at);
        if (chance_in(chance, 50))
            image_put(image, at, change->bytes + (at - change->at), end - at);
        else if (is_prefix)
            return;
    }
}

static void image_apply_weakly(struct platter_image *image,
                               const struct platter_change *change, struct chance *chance)
{
    if (change->len > PLATTER_SECTOR_BYTES && chance_in(chance, 30))
        image_tear(image, change, chance);
    else
        image_apply(image, change);
}

/* --- what programs do --------------------------------------------------------------- */

static void add_change(struct platter *platter, size_t at, const uint8_t *bytes,
                       size_t len)
{
    struct platter_change *change;

    if (platter->n_changes == platter->capacity) {
        platter->capacity = platter->capacity > 0 ? 2 * platter->capacity : 64;
        platter->changes =
            mem_grow(platter->changes, platter->capacity, sizeof(*platter->changes));
    }
    change = &platter->changes[platter->n_changes++];
    *change = (struct platter_change){.at = at, .len = len};
    if (bytes == NULL)
        return;
    change->bytes = mem_grow(NULL, len, 1);
    memcpy(change->bytes, bytes, len);
}

static void drop_changes(struct platter *platter)
{
    for (size_t i = 0; i < platter->n_changes; i++)
        free(platter->changes[i].bytes);
    platter->n_changes = 0;
}

size_t platter_read(const struct platter *platter, size_t at, void *ret, size_t len)
{
    const struct platter_image *seen = &platter->seen;
    size_t n = at < seen->len ? seen->len - at : 0;

    if (n > len)
        n = len;
    if (n > 0)
        memcpy(ret, seen->bytes + at, n);
    if (n < len)
        memset((uint8_t *)ret + n, 0, len - n);
    return n;
}

void platter_write(struct platter *platter, size_t at, struct bytes bytes)
{
    size_t end = at + bytes.len;

    if (bytes.len == 0)
        return;
    image_put(&platter->seen, at, (const uint8_t *)bytes.ptr, bytes.len);
    if (platter->redirties) {
        at -= at % PLATTER_PAGE_BYTES;
        end += PLATTER_PAGE_BYTES - 1;
        end -= end % PLATTER_PAGE_BYTES;
        if (end > platter->seen.len)
            end = platter->seen.len;
    }
    add_change(platter, at, platter->seen.bytes + at, end - at);
}

void platter_truncate(struct platter *platter, size_t len)
{
    image_resize(&platter->seen, len);
    add_change(platter, len, NULL, 0);
}

void platter_sync(struct platter *platter)
{
    for (size_t i = 0; i < platter->n_changes; i++)
        image_apply(&platter->found, &platter->changes[i]);
    drop_changes(platter);
}

/* --- what happens to them ----------------------------------------------------------- */

void platter_fail_sync(struct platter *platter, struct chance *chance, bool redirties)
{
    unsigned percent = chance_in(chance, 50) ? 0 : chance_below(chance, 100);

    for (size_t i = 0; i < platter->n_changes; i++) {
        if (chance_in(chance, percent))
            image_apply_weakly(&platter->found, &platter->changes[i], chance);
    }
    drop_changes(platter);
    platter->redirties = redirties;
}

void platter_forget_cache(struct platter *platter)
{
    image_copy(&platter->seen, &platter->found);
    for (size_t i = 0; i < platter->n_changes; i++)
        image_apply(&platter->seen, &platter->changes[i]);
}

static bool is_kept(struct platter *platter, size_t i, unsigned fate,
                    struct chance *chance)
{
    switch (fate) {
    case 0:
        return false;
    case 1:
        return true;
    case 2: /* the earlier, the likelier */
        return chance_below(chance, (unsigned)platter->n_changes) >= i;
    default:
        return chance_in(chance, 50);
    }
}

void platter_cut(struct platter *platter, struct chance *chance)
{
    unsigned fate = chance_below(chance, 4);

    for (size_t i = 0; i < platter->n_changes; i++) {
        if (is_kept(platter, i, fate, chance))
            image_apply_weakly(&platter->found, &platter->changes[i], chance);
    }
    drop_changes(platter);
    platter->redirties = false;
    image_copy(&platter->seen, &platter->found);
}

void platter_done(struct platter *platter)
{
    drop_changes(platter);
    free(platter->changes);
    free(platter->found.bytes);
    free(platter->seen.bytes);
    *platter = (struct platter){0};
}
