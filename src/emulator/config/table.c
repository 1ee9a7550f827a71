/* SPDX-License-Identifier: MIT */

/* What the Config API has, and what each call is worth (page Differences). */

#include "emulator/config/config.h"
#include "emulator/config/routes.h"
#include "emulator/frame/route.h"
#include "emulator/oauth/oauth.h"

#define DOCUMENTED FIDELITY_DOCUMENTED
#define OBSERVED FIDELITY_OBSERVED
#define GUESS FIDELITY_GUESS

#define PASSWORD                                                                         \
    "Basic email:password, and any password is right for a person of the seed. Segment " \
    "has not made tokens since 2024."
#define METRICS                                                                          \
    "The shape of the answer is not public: this one is ours. Hours are the finest "     \
    "granularity."
#define NOT_RUN "Kept and shown, never run."
#define NOT_ENFORCED "Kept and shown; events that break it go through."
#define SHAPES "Only the shape of the list is imitated, and its members are ours."
#define AT_ONCE                                                                          \
    "It has ended when the answer is there; Segment takes days. Events of a suppressed " \
    "user are discarded when they come; what waits for a destination still goes out."
#define LISTED "Segment does not document the members of the answer: these are ours."

const struct route config_routes[] = {
    {"GET", "/v1beta/workspaces", config_list_workspaces, DOCUMENTED, NULL},
    {"GET", "/v1beta/workspaces/{}", config_get_workspace, DOCUMENTED, NULL},

    {"GET", "/v1beta/workspaces/{}/sources", config_list_sources, DOCUMENTED, NULL},
    {"POST", "/v1beta/workspaces/{}/sources", config_create_source, DOCUMENTED, NULL},
    {"GET", "/v1beta/workspaces/{}/sources/{}", config_get_source, DOCUMENTED, NULL},
    {"DELETE", "/v1beta/workspaces/{}/sources/{}", config_delete_source, DOCUMENTED,
     "Its destinations go with it; whether Segment's do is not documented."},
    {"PATCH", "/v1beta/workspaces/{}/sources/{}", NULL, GUESS,
     "Answers 501; Segment does not document it."},
    {"GET", "/v1beta/workspaces/{}/sources/{}/schema-config", config_get_schema,
     DOCUMENTED, NOT_ENFORCED},
    {"PATCH", "/v1beta/workspaces/{}/sources/{}/schema-config", config_update_schema,
     DOCUMENTED, NOT_ENFORCED},

    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations", config_list_destinations,
     DOCUMENTED, NULL},
    {"POST", "/v1beta/workspaces/{}/sources/{}/destinations", config_create_destination,
     OBSERVED,
     "Validators are enforced, and a required setting must be there while the "
     "destination is enabled; Segment does not document either. An existing one is 500 "
     "code 13 as was seen; --strict answers 409 code 6 as is documented."},
    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}", config_get_destination,
     OBSERVED,
     "connection_mode of an item with only one mode is UNSPECIFIED, and sensitive "
     "settings are in clear, as was seen; --redact masks these."},
    {"PATCH", "/v1beta/workspaces/{}/sources/{}/destinations/{}",
     config_update_destination, OBSERVED,
     "The path destination.config merges the list by setting; without a list it empties "
     "all settings."},
    {"DELETE", "/v1beta/workspaces/{}/sources/{}/destinations/{}",
     config_delete_destination, DOCUMENTED, NULL},

    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}/filters",
     config_list_filters, DOCUMENTED, NULL},
    {"POST", "/v1beta/workspaces/{}/sources/{}/destinations/{}/filters",
     config_create_filter, DOCUMENTED, "A filter that does not say \"enabled\" is."},
    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}/filters/{}",
     config_get_filter, DOCUMENTED, NULL},
    {"PATCH", "/v1beta/workspaces/{}/sources/{}/destinations/{}/filters/{}",
     config_update_filter, DOCUMENTED, NULL},
    {"DELETE", "/v1beta/workspaces/{}/sources/{}/destinations/{}/filters/{}",
     config_delete_filter, DOCUMENTED, NULL},
    {"POST", "/v1beta/filters/preview", config_preview_filter, GUESS,
     "The answer is the bare event, or null."},

    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}/metrics",
     config_list_metrics, GUESS, METRICS},
    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}/metrics/{}",
     config_get_metric, GUESS, METRICS},
    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}/metrics:batchGet",
     config_get_metrics, GUESS, METRICS},
    {"GET", "/v1beta/workspaces/{}/sources/{}/destinations/{}/metrics:getSummary",
     config_summarize_metrics, GUESS, METRICS},
    {"GET", "/v1beta/workspaces/{}/event-delivery-metrics:batchGetSummary",
     config_summarize_workspace, GUESS, METRICS},

    {"GET", "/v1beta/catalog/destinations", config_list_catalog_destinations, OBSERVED,
     "A few items, most of them made up."},
    {"GET", "/v1beta/catalog/destinations/{}", config_get_catalog_destination, OBSERVED,
     NULL},
    {"GET", "/v1beta/catalog/sources", config_list_catalog_sources, OBSERVED,
     "A few items."},
    {"GET", "/v1beta/catalog/sources/{}", config_get_catalog_source, OBSERVED, NULL},

    {"GET", "/v1beta/workspaces/{}/tracking-plans", config_list_plans, DOCUMENTED, NULL},
    {"POST", "/v1beta/workspaces/{}/tracking-plans", config_create_plan, DOCUMENTED,
     NOT_ENFORCED},
    {"GET", "/v1beta/workspaces/{}/tracking-plans/{}", config_get_plan, DOCUMENTED, NULL},
    {"PUT", "/v1beta/workspaces/{}/tracking-plans/{}", config_update_plan, DOCUMENTED,
     NOT_ENFORCED},
    {"DELETE", "/v1beta/workspaces/{}/tracking-plans/{}", config_delete_plan, DOCUMENTED,
     NULL},
    {"GET", "/v1beta/workspaces/{}/tracking-plans/{}/source-connections",
     config_list_connections, DOCUMENTED, NULL},
    {"POST", "/v1beta/workspaces/{}/tracking-plans/{}/source-connections",
     config_create_connection, DOCUMENTED, NULL},
    {"POST",
     "/v1beta/workspaces/{}/tracking-plans/{}/source-connections:batchCreateConnections",
     config_create_connections, DOCUMENTED, NULL},
    {"DELETE", "/v1beta/workspaces/{}/tracking-plans/{}/source-connections/{}",
     config_delete_connection, DOCUMENTED, NULL},

    {"GET", "/v1beta/workspaces/{}/regulations", config_list_regulations, GUESS, LISTED},
    {"POST", "/v1beta/workspaces/{}/regulations", config_create_regulation, DOCUMENTED,
     AT_ONCE},
    {"GET", "/v1beta/workspaces/{}/regulations/{}", config_get_regulation, GUESS, LISTED},
    {"DELETE", "/v1beta/workspaces/{}/regulations/{}", config_delete_regulation,
     DOCUMENTED, NULL},
    {"GET", "/v1beta/workspaces/{}/suppressed-users", config_list_suppressed, GUESS,
     LISTED},
    {"GET", "/v1beta/workspaces/{}/sources/{}/regulations", config_list_regulations,
     GUESS, LISTED},
    {"POST", "/v1beta/workspaces/{}/sources/{}/regulations", config_create_regulation,
     DOCUMENTED, AT_ONCE},
    {"GET", "/v1beta/workspaces/{}/sources/{}/regulations/{}", config_get_regulation,
     GUESS, LISTED},
    {"DELETE", "/v1beta/workspaces/{}/sources/{}/regulations/{}",
     config_delete_regulation, DOCUMENTED, NULL},
    {"GET", "/v1beta/workspaces/{}/sources/{}/suppressed-users", config_list_suppressed,
     GUESS, LISTED},

    {"GET", "/v1beta/workspaces/{}/functions", config_list_functions, OBSERVED, NOT_RUN},
    {"POST", "/v1beta/workspaces/{}/functions", config_create_function, OBSERVED,
     NOT_RUN},
    {"GET", "/v1beta/workspaces/{}/functions/{}", config_get_function, OBSERVED, NOT_RUN},
    {"PATCH", "/v1beta/workspaces/{}/functions/{}", config_update_function, OBSERVED,
     NOT_RUN},
    {"DELETE", "/v1beta/workspaces/{}/functions/{}", config_delete_function, OBSERVED,
     NOT_RUN},

    {"GET", "/v1beta/workspaces/{}/roles", config_list_roles, GUESS, SHAPES},
    {"GET", "/v1beta/workspaces/{}/roles/{}/policies", config_list_policies, GUESS,
     SHAPES},
    {"GET", "/v1beta/workspaces/{}/invites", config_list_invites, GUESS, SHAPES},
    {"POST", "/v1beta/workspaces/{}/invites", NULL, GUESS, "Answers 501."},
    {"GET", "/v1beta/workspaces/{}/users", config_list_users, GUESS, SHAPES},

    {"POST", "/v1beta/apps", config_create_app, DOCUMENTED,
     "Segment wants an account that it has approved."},
    {"POST", "/v1beta/workspaces/{}/apps", config_create_application, DOCUMENTED,
     "Segment wants an account that it has approved."},
    {"GET", "/v1beta/apps", NULL, GUESS, "Answers 501; Segment does not document it."},
    {"GET", "/v1beta/apps/{}", NULL, GUESS, "Answers 501; Segment does not document it."},
    {"PATCH", "/v1beta/apps/{}", NULL, GUESS,
     "Answers 501; Segment does not document it."},
    {"DELETE", "/v1beta/apps/{}", NULL, GUESS,
     "Answers 501; Segment does not document it."},
    {"GET", "/v1beta/installs/{}/token", oauth_install_token, DOCUMENTED, NULL},
    {"GET", "/v1beta/install/{}/token", oauth_install_token, OBSERVED,
     "The documents print the name of an install so; whether Segment takes it is not "
     "known."},

    {"GET", "/v1beta/access-tokens", config_list_tokens, DOCUMENTED, PASSWORD},
    {"POST", "/v1beta/access-tokens", config_create_token, DOCUMENTED, PASSWORD},
    {"GET", "/v1beta/access-tokens/{}", config_get_token, DOCUMENTED, PASSWORD},
    {"DELETE", "/v1beta/access-tokens/{}", config_delete_token, DOCUMENTED, PASSWORD},
    {.method = NULL},
};
