/* SPDX-License-Identifier: MIT */

#include "core/oauth.h"

#include "base/base64.h"
#include "base/form.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "segment/pkce.h"

enum { QUERY_BYTES = 8192, ERROR_MAX = 64, ISSUER_MAX = 512, DESCRIPTION_MAX = 200 };

void oauth_random_text(const uint8_t random[32], char ret_text[OAUTH_STATE_LEN + 1])
{
    struct buf text;

    buf_init(&text, OAUTH_STATE_LEN);
    (void)base64url_encode(bytes_of(random, 32), &text);
    memcpy(ret_text, text.ptr, OAUTH_STATE_LEN);
    ret_text[OAUTH_STATE_LEN] = '\0';
    secret_wipe(text.ptr, text.len);
    buf_done(&text);
}

static void add_challenge(struct bytes verifier, struct buf *query)
{
    char challenge[PKCE_CHALLENGE_LEN];

    pkce_challenge(verifier, challenge);
    (void)form_add(query, "code_challenge", bytes_of(challenge, sizeof(challenge)),
                   FORM_SPACE_PERCENT);
    (void)form_add(query, "code_challenge_method", BYTES("S256"), FORM_SPACE_PERCENT);
}

int oauth_authorize_url(const struct oauth_request *request, struct buf *ret_url)
{
    struct buf query;
    int r;

    buf_init(&query, QUERY_BYTES);
    (void)form_add(&query, "client_id", request->client_id, FORM_SPACE_PERCENT);
    (void)form_add(&query, "redirect_uri", request->redirect_uri, FORM_SPACE_PERCENT);
    (void)form_add(&query, "scope", request->scope, FORM_SPACE_PERCENT);
    (void)form_add(&query, "response_type", BYTES("code"), FORM_SPACE_PERCENT);
    (void)form_add(&query, "state", request->state, FORM_SPACE_PERCENT);
    if (request->verifier.len > 0)
        add_challenge(request->verifier, &query);
    r = query.full ? BUF_FULL
                   : buf_addf(ret_url, "%.*s/oauth2/auth?%s", BYTES_FMT(request->id_url),
                              buf_text(&query));
    buf_done(&query);
    return r;
}

/* The parameters that have a meaning here. Their places are bits of what was seen. */
enum parameter {
    PARAMETER_CODE = 0,
    PARAMETER_STATE,
    PARAMETER_ERROR,
    PARAMETER_DESCRIPTION,
    PARAMETER_HINT,
    PARAMETER_ISSUER,
    PARAMETER_SCOPE,
    PARAMETER_TOKEN, /* the implicit grant's, which nobody asked for */
    PARAMETER_ID_TOKEN,
    N_PARAMETERS,
};
static const char *const parameter_names[N_PARAMETERS] = {
    "code", "state", "error",        "error_description", "error_hint",
    "iss",  "scope", "access_token", "id_token",
};

struct parameters {
    struct bytes values[N_PARAMETERS];
    bool is_there[N_PARAMETERS];
};

/* What a browser sends: visible ASCII, and never a fragment. */
static bool is_query(struct bytes query)
{
    for (size_t i = 0; i < query.len; i++) {
        if (query.ptr[i] <= ' ' || query.ptr[i] > '~' || query.ptr[i] == '#')
            return false;
    }
    return query.len <= QUERY_BYTES;
}

/* False: it came before (RFC 6749 §3.1). */
static bool note_parameter(struct parameters *parameters, struct bytes name,
                           struct bytes value)
{
    for (size_t i = 0; i < N_PARAMETERS; i++) {
        if (!bytes_eq(name, bytes_str(parameter_names[i])))
            continue;
        if (parameters->is_there[i])
            return false;
        parameters->is_there[i] = true;
        parameters->values[i] = value;
    }
    return true;
}

static bool read_parameters(struct bytes query, struct buf *scratch,
                            struct parameters *ret_parameters)
{
    struct bytes name;
    struct bytes value;

    *ret_parameters = (struct parameters){0};
    buf_clear(scratch);
    /* Room for all at once, so that what has been found stays where it is. */
    if (!is_query(query) || buf_room(scratch, query.len) == NULL)
        return false;
    while (form_next(&query, scratch, &name, &value)) {
        if (!note_parameter(ret_parameters, name, value))
            return false;
    }
    return !scratch->full;
}

static bool is_visible(struct bytes text, size_t max_bytes)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return text.len > 0 && text.len <= max_bytes;
}

/* Could we have handed it out? */
static bool is_state(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char lower = (char)(text.ptr[i] | 0x20);

        if (!(lower >= 'a' && lower <= 'z') &&
            !(text.ptr[i] >= '0' && text.ptr[i] <= '9') && text.ptr[i] != '-' &&
            text.ptr[i] != '_')
            return false;
    }
    return text.len == OAUTH_STATE_LEN;
}

static const char *const refusal_texts[] = {
    [OAUTH_REFUSAL_NONE] = "",
    [OAUTH_ACCESS_DENIED] = "access_denied",
    [OAUTH_INVALID_SCOPE] = "invalid_scope",
    [OAUTH_INSTALLED_ALREADY] = "install already exists",
    [OAUTH_INVALID_REQUEST] = "invalid_request",
    [OAUTH_UNAUTHORIZED_CLIENT] = "unauthorized_client",
    [OAUTH_UNSUPPORTED_RESPONSE_TYPE] = "unsupported_response_type",
    [OAUTH_SERVER_ERROR] = "server_error",
    [OAUTH_TEMPORARILY_UNAVAILABLE] = "temporarily_unavailable",
    [OAUTH_OTHER_REFUSAL] = "an error that is not registered",
};

const char *oauth_refusal_text(enum oauth_refusal refusal)
{
    return (size_t)refusal < COUNT(refusal_texts) ? refusal_texts[refusal] : "";
}

static bool has_text(struct bytes text, struct bytes part)
{
    return bytes_find(text, part) < text.len;
}

static enum oauth_refusal refusal_of(const struct parameters *parameters)
{
    const struct bytes error = parameters->values[PARAMETER_ERROR];
    const struct bytes exists = bytes_str(refusal_texts[OAUTH_INSTALLED_ALREADY]);

    if (has_text(parameters->values[PARAMETER_DESCRIPTION], exists) ||
        has_text(parameters->values[PARAMETER_HINT], exists))
        return OAUTH_INSTALLED_ALREADY;
    for (size_t i = OAUTH_ACCESS_DENIED; i < OAUTH_OTHER_REFUSAL; i++) {
        if (bytes_eq(error, bytes_str(refusal_texts[i])) && i != OAUTH_INSTALLED_ALREADY)
            return (enum oauth_refusal)i;
    }
    return OAUTH_OTHER_REFUSAL;
}

/* At most DESCRIPTION_MAX bytes, no character cut in two. */
static struct bytes shorten(struct bytes text)
{
    size_t len = DESCRIPTION_MAX;

    if (text.len <= len)
        return text;
    while (len > DESCRIPTION_MAX - UTF8_SEQUENCE_MAX &&
           ((uint8_t)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return bytes_slice(text, 0, len);
}

static bool is_well_formed(const struct parameters *parameters)
{
    const bool *is_there = parameters->is_there;
    const struct bytes *values = parameters->values;

    if (is_there[PARAMETER_TOKEN] || is_there[PARAMETER_ID_TOKEN])
        return false;
    if (is_there[PARAMETER_ISSUER] && !is_visible(values[PARAMETER_ISSUER], ISSUER_MAX))
        return false;
    if (is_there[PARAMETER_CODE] == is_there[PARAMETER_ERROR])
        return false;
    return is_state(values[PARAMETER_STATE]) &&
           (is_there[PARAMETER_CODE] ? is_visible(values[PARAMETER_CODE], OAUTH_CODE_MAX)
                                     : is_visible(values[PARAMETER_ERROR], ERROR_MAX));
}

enum oauth_callback_verdict oauth_callback_read(struct bytes query, struct buf *scratch,
                                                struct oauth_callback *ret_callback)
{
    struct parameters parameters;

    *ret_callback = (struct oauth_callback){0};
    if (!read_parameters(query, scratch, &parameters) || !is_well_formed(&parameters))
        return OAUTH_CALLBACK_MALFORMED;
    ret_callback->state = parameters.values[PARAMETER_STATE];
    ret_callback->issuer = parameters.values[PARAMETER_ISSUER];
    if (parameters.is_there[PARAMETER_CODE]) {
        ret_callback->code = parameters.values[PARAMETER_CODE];
        return OAUTH_CALLBACK_CODE;
    }
    ret_callback->refusal = refusal_of(&parameters);
    ret_callback->description = shorten(parameters.values[PARAMETER_DESCRIPTION]);
    return OAUTH_CALLBACK_REFUSED;
}

int oauth_exchange_form(struct bytes code, struct bytes redirect_uri,
                        struct bytes verifier, struct buf *ret_form)
{
    int r = form_add(ret_form, "code", code, FORM_SPACE_PERCENT);

    r |=
        form_add(ret_form, "grant_type", BYTES("authorization_code"), FORM_SPACE_PERCENT);
    r |= form_add(ret_form, "redirect_uri", redirect_uri, FORM_SPACE_PERCENT);
    if (verifier.len > 0)
        r |= form_add(ret_form, "code_verifier", verifier, FORM_SPACE_PERCENT);
    return r;
}

int oauth_basic(struct bytes client_id, struct bytes client_secret, struct buf *ret_value)
{
    const size_t start = ret_value->len;
    struct buf pair;
    int r;

    buf_init(&pair, client_id.len + client_secret.len + 1);
    (void)buf_add(&pair, client_id);
    (void)buf_add_char(&pair, ':');
    (void)buf_add(&pair, client_secret);
    r = buf_add_text(ret_value, "Basic ");
    r |= base64_encode(buf_bytes(&pair), ret_value);
    if (r != 0 && ret_value->ptr != NULL)
        ret_value->ptr[ret_value->len = start] = '\0';
    secret_wipe(pair.ptr, pair.len);
    buf_done(&pair);
    return r;
}

bool oauth_needs_refresh(int64_t expires_at_ms, int64_t now_ms)
{
    return expires_at_ms < OAUTH_REFRESH_BEFORE_MS ||
           now_ms > expires_at_ms - OAUTH_REFRESH_BEFORE_MS;
}
