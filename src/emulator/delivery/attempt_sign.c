/* SPDX-License-Identifier: MIT */

/* AWS's signature under a request (segment/sigv4), and whose it is. */

#include "emulator/delivery/attempt_inside.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "segment/sigv4.h"
#include "sys/clock.h"

enum { TEXT_BYTES = 256 << 10 };

struct attempt_credentials attempt_own_credentials(void)
{
    const struct attempt_credentials found = {
        bytes_str(getenv("AWS_ACCESS_KEY_ID")),
        bytes_str(getenv("AWS_SECRET_ACCESS_KEY")),
        bytes_str(getenv("AWS_SESSION_TOKEN")),
    };

    if (found.key_id.len == 0 || found.secret.len == 0)
        return (struct attempt_credentials){BYTES("local"), BYTES("local"), {NULL, 0}};
    return found;
}

static struct bytes lower(struct attempt *attempt, struct bytes name)
{
    char *text = arena_copy(&attempt->arena, name);

    for (size_t i = 0; i < name.len; i++)
        text[i] = (char)tolower((unsigned char)text[i]);
    return bytes_of(text, name.len);
}

static struct bytes path_of(struct bytes url)
{
    const struct bytes path = attempt_url_path(url);

    return path.len > 0 ? path : BYTES("/");
}

static void add_headers(struct attempt_post *post, struct sigv4_request *request)
{
    for (size_t i = 0; i < post->request.n_headers; i++) {
        const struct client_header *header = &post->headers[i];

        if (!bytes_eq_nocase(header->name, BYTES("User-Agent"))) /* proxies change it */
            request->headers[request->n_headers++] =
                (struct sigv4_header){lower(post->attempt, header->name), header->value};
    }
}

void attempt_sign(struct attempt_post *post, struct bytes service,
                  const struct attempt_credentials *credentials)
{
    struct attempt *attempt = post->attempt;
    cleanup(buf_done) struct buf text = {0};
    char date[SIGV4_DATE_LEN + 1];
    struct sigv4_request request = {
        .method = post->request.method,
        .path = path_of(post->request.url),
        .body = post->request.body,
        .region = attempt->target.region,
        .service = service,
        .key_id = credentials->key_id,
        .secret = credentials->secret,
        .date = date,
    };

    sigv4_date(clock_wall_ms(), date);
    attempt_post_header(post, "X-Amz-Date", bytes_str(arena_text(&attempt->arena, date)));
    if (credentials->token.len > 0)
        attempt_post_header(post, "X-Amz-Security-Token", credentials->token);
    buf_init(&text, TEXT_BYTES);
    if (!client_url_endpoint(post->request.url, &text))
        return; /* it is not sent anyway */
    request.headers[request.n_headers++] =
        (struct sigv4_header){BYTES("host"), attempt_keep(attempt, buf_bytes(&text))};
    add_headers(post, &request);
    buf_clear(&text);
    (void)sigv4_authorization(&request, &text);
    attempt_post_header(post, "Authorization", attempt_keep(attempt, buf_bytes(&text)));
}
