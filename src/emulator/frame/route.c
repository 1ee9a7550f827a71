/* SPDX-License-Identifier: MIT */

#include "emulator/frame/route.h"

/* "/a//b/" is "/a/b": real clients send both (dossier §7.1). */
static struct bytes tidy(struct arena *arena, struct bytes path)
{
    char *text = arena_copy(arena, path);
    size_t len = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/' || len == 0 || text[len - 1] != '/')
            text[len++] = path.ptr[i];
    }
    if (len > 1 && text[len - 1] == '/')
        len--;
    return bytes_of(text, len);
}

static struct bytes take_segment(struct bytes *path)
{
    *path = bytes_slice(*path, 1, path->len); /* the '/' */
    return bytes_slice(*path, 0, bytes_index(*path, '/'));
}

/* Cuts the part of @segment that stands for the "{}" of @pattern ("{}", "{}:verb"). */
static bool match_hole(struct bytes pattern, struct bytes segment,
                       struct bytes *ret_value)
{
    const struct bytes tail = bytes_slice(pattern, 2, pattern.len);

    if (!bytes_ends(segment, tail) || segment.len <= tail.len)
        return false;
    *ret_value = bytes_slice(segment, 0, segment.len - tail.len);
    return tail.len > 0 || bytes_index(*ret_value, ':') == ret_value->len;
}

static bool match_segment(struct exchange *exchange, struct bytes pattern,
                          struct bytes segment)
{
    struct bytes value;

    if (!bytes_starts(pattern, BYTES("{}")))
        return bytes_eq(pattern, segment);
    if (exchange->n_params == EXCHANGE_PARAMS || !match_hole(pattern, segment, &value))
        return false;
    exchange->params[exchange->n_params++] = value;
    return true;
}

static bool matches(struct exchange *exchange, const struct route *route)
{
    struct bytes pattern = bytes_str(route->path);
    struct bytes path = exchange->route_path;

    exchange->n_params = 0;
    if (!bytes_starts(path, BYTES("/")))
        return false; /* "*", an absolute URI */
    while (pattern.len > 0 && path.len > 0) {
        const struct bytes wanted = take_segment(&pattern);
        const struct bytes segment = take_segment(&path);

        if (bytes_eq(wanted, BYTES("{*}"))) {
            exchange->params[exchange->n_params++] = path;
            return true;
        }
        if (!match_segment(exchange, wanted, segment))
            return false;
        pattern = bytes_slice(pattern, wanted.len, pattern.len);
        path = bytes_slice(path, segment.len, path.len);
    }
    return pattern.len == 0 && path.len == 0;
}

static const struct area *find_area(const struct area *const *areas, struct bytes path)
{
    const struct area *last = NULL;

    for (; *areas != NULL; areas++) {
        const struct bytes prefix = bytes_str((*areas)->prefix);

        last = *areas;
        if (bytes_starts(path, prefix))
            return last;
        /* "/v1" belongs to "/v1/" */
        if (bytes_starts(prefix, path) && path.len + 1 == prefix.len)
            return last;
    }
    return last; /* "*", an absolute URI: the last resort answers */
}

static bool method_fits(const struct route *route, struct bytes method)
{
    return bytes_eq(bytes_str(route->method), method) ||
           (bytes_eq(method, BYTES("HEAD")) && strcmp(route->method, "GET") == 0);
}

void route_find(const struct area *const *areas, struct exchange *exchange,
                enum route_missing *ret_why)
{
    exchange->route_path = tidy(&exchange->arena, exchange->path);
    exchange->area = find_area(areas, exchange->route_path);
    *ret_why = ROUTE_NO_PATH;
    for (const struct route *route = exchange->area->routes; route->method != NULL;
         route++) {
        if (!matches(exchange, route))
            continue;
        if (!method_fits(route, exchange->method)) {
            *ret_why = ROUTE_NO_METHOD;
            continue;
        }
        exchange->route = route;
        exchange->fidelity = route->fidelity;
        if (route->fn == NULL)
            *ret_why = ROUTE_NOT_IMITATED;
        return;
    }
    exchange->n_params = 0;
}
