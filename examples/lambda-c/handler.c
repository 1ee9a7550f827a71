/* SPDX-License-Identifier: MIT */

/*
 * A CRM's destination: track becomes an event, identify a contact.
 */

#include <partnerapp.h>

#include <stdio.h>
#include <string.h>

static int invalid(struct partnerapp_result *result, const char *why)
{
    return partnerapp_fail(result, PARTNERAPP_INVALID, why);
}

/* POST @path of the CRM, as the customer. */
static int tell(const struct partnerapp_payload *payload,
                struct partnerapp_result *result, const char *path, const char *body)
{
    const char *endpoint = partnerapp_setting_text(result, "endpoint");

    if (endpoint == NULL)
        endpoint = "https://api.example.com";
    if (*payload->api_key == '\0')
        return invalid(result, "the setting apiKey is missing");
    return partnerapp_post(result, partnerapp_format(result, "%s%s", endpoint, path),
                           partnerapp_format(result, "Bearer %s", payload->api_key),
                           body);
}

static int track(const struct partnerapp_payload *payload,
                 struct partnerapp_result *result)
{
    const char *name = partnerapp_event_text(result, "event");
    const char *user = partnerapp_event_text(result, "userId");
    const char *properties = partnerapp_event_json(result, "properties");

    if (name == NULL || user == NULL)
        return invalid(result, "track needs an event and a userId");
    /* The CRM keeps one event for each id: an attempt that comes again does no harm. */
    return tell(payload, result, "/events",
                partnerapp_format(
                    result, "{\"id\":%s,\"name\":%s,\"contact\":%s,\"properties\":%s}",
                    partnerapp_quote(result, payload->message_id),
                    partnerapp_quote(result, name), partnerapp_quote(result, user),
                    properties != NULL ? properties : "{}"));
}

static int identify(const struct partnerapp_payload *payload,
                    struct partnerapp_result *result)
{
    const char *user = partnerapp_event_text(result, "userId");
    const char *email = partnerapp_event_text(result, "traits.email");
    const char *contact;
    int outcome;

    if (user == NULL || email == NULL)
        return invalid(result, "identify needs a userId and traits.email");
    contact = partnerapp_format(result, "{\"id\":%s,\"email\":%s}",
                                partnerapp_quote(result, user),
                                partnerapp_quote(result, email));
    outcome = tell(payload, result, "/contacts", contact);
    if (outcome == PARTNERAPP_DELIVERED)
        partnerapp_return(result, contact); /* shown by Segment's Event Tester */
    return outcome;
}

int partnerapp_process(const struct partnerapp_payload *payload,
                       struct partnerapp_result *result)
{
    printf("%s %s\n", payload->type, payload->message_id); /* goes to CloudWatch */
    if (strcmp(payload->type, "track") == 0)
        return track(payload, result);
    if (strcmp(payload->type, "identify") == 0)
        return identify(payload, result);
    return PARTNERAPP_NOT_SUPPORTED;
}
