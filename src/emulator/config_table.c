/* SPDX-License-Identifier: MIT */

/* What the Config API has, and what each call is worth (page Differences). */

#include "emulator/config.h"
#include "emulator/config_routes.h"
#include "emulator/oauth.h"
#include "emulator/route.h"

#define ROOT "/v1beta"
#define WORKSPACE ROOT "/workspaces/{}"
#define SOURCE WORKSPACE "/sources/{}"
#define DESTINATION SOURCE "/destinations/{}"
#define PLAN WORKSPACE "/tracking-plans/{}"

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
    "It has ended when the answer is there; Segment takes days. Events of suppressed "   \
    "users go on being delivered."
#define LISTED "Segment does not document the members of the answer: these are ours."

const struct route config_routes[] = {
    {"GET", ROOT "/workspaces", config_list_workspaces, DOCUMENTED, NULL},
    {"GET", WORKSPACE, config_get_workspace, DOCUMENTED, NULL},

    {"GET", WORKSPACE "/sources", config_list_sources, DOCUMENTED, NULL},
    {"POST", WORKSPACE "/sources", config_create_source, DOCUMENTED, NULL},
    {"GET", SOURCE, config_get_source, DOCUMENTED, NULL},
    {"DELETE", SOURCE, config_delete_source, DOCUMENTED,
     "Its destinations go with it; whether Segment's do is not documented."},
    {"PATCH", SOURCE, NULL, GUESS, "Answers 501; Segment does not document it."},
    {"GET", SOURCE "/schema-config", config_get_schema, DOCUMENTED, NOT_ENFORCED},
    {"PATCH", SOURCE "/schema-config", config_update_schema, DOCUMENTED, NOT_ENFORCED},

    {"GET", SOURCE "/destinations", config_list_destinations, DOCUMENTED, NULL},
    {"POST", SOURCE "/destinations", config_create_destination, OBSERVED,
     "Validators are enforced, and a required setting must be there while the "
     "destination is enabled; Segment does not document either. An existing one is 500 "
     "code 13 as was seen; --strict answers 409 code 6 as is documented."},
    {"GET", DESTINATION, config_get_destination, OBSERVED,
     "connection_mode of an item with only one mode is UNSPECIFIED, as was seen."},
    {"PATCH", DESTINATION, config_update_destination, OBSERVED,
     "The path destination.config merges the list by setting; without a list it empties "
     "all settings."},
    {"DELETE", DESTINATION, config_delete_destination, DOCUMENTED, NULL},

    {"GET", DESTINATION "/filters", config_list_filters, DOCUMENTED, NULL},
    {"POST", DESTINATION "/filters", config_create_filter, DOCUMENTED,
     "A filter that does not say \"enabled\" is."},
    {"GET", DESTINATION "/filters/{}", config_get_filter, DOCUMENTED, NULL},
    {"PATCH", DESTINATION "/filters/{}", config_update_filter, DOCUMENTED, NULL},
    {"DELETE", DESTINATION "/filters/{}", config_delete_filter, DOCUMENTED, NULL},
    {"POST", ROOT "/filters/preview", config_preview_filter, GUESS,
     "The answer is the bare event, or null."},

    {"GET", DESTINATION "/metrics", config_list_metrics, GUESS, METRICS},
    {"GET", DESTINATION "/metrics/{}", config_get_metric, GUESS, METRICS},
    {"GET", DESTINATION "/metrics:batchGet", config_get_metrics, GUESS, METRICS},
    {"GET", DESTINATION "/metrics:getSummary", config_summarize_metrics, GUESS, METRICS},
    {"GET", WORKSPACE "/event-delivery-metrics:batchGetSummary",
     config_summarize_workspace, GUESS, METRICS},

    {"GET", ROOT "/catalog/destinations", config_list_catalog_destinations, OBSERVED,
     "A few items, most of them made up."},
    {"GET", ROOT "/catalog/destinations/{}", config_get_catalog_destination, OBSERVED,
     NULL},
    {"GET", ROOT "/catalog/sources", config_list_catalog_sources, OBSERVED,
     "A few items."},
    {"GET", ROOT "/catalog/sources/{}", config_get_catalog_source, OBSERVED, NULL},

    {"GET", WORKSPACE "/tracking-plans", config_list_plans, DOCUMENTED, NULL},
    {"POST", WORKSPACE "/tracking-plans", config_create_plan, DOCUMENTED, NOT_ENFORCED},
    {"GET", PLAN, config_get_plan, DOCUMENTED, NULL},
    {"PUT", PLAN, config_update_plan, DOCUMENTED, NOT_ENFORCED},
    {"DELETE", PLAN, config_delete_plan, DOCUMENTED, NULL},
    {"GET", PLAN "/source-connections", config_list_connections, DOCUMENTED, NULL},
    {"POST", PLAN "/source-connections", config_create_connection, DOCUMENTED, NULL},
    {"POST", PLAN "/source-connections:batchCreateConnections", config_create_connections,
     DOCUMENTED, NULL},
    {"DELETE", PLAN "/source-connections/{}", config_delete_connection, DOCUMENTED, NULL},

    {"GET", WORKSPACE "/regulations", config_list_regulations, GUESS, LISTED},
    {"POST", WORKSPACE "/regulations", config_create_regulation, DOCUMENTED, AT_ONCE},
    {"GET", WORKSPACE "/regulations/{}", config_get_regulation, GUESS, LISTED},
    {"DELETE", WORKSPACE "/regulations/{}", config_delete_regulation, DOCUMENTED, NULL},
    {"GET", WORKSPACE "/suppressed-users", config_list_suppressed, GUESS, LISTED},
    {"GET", SOURCE "/regulations", config_list_regulations, GUESS, LISTED},
    {"POST", SOURCE "/regulations", config_create_regulation, DOCUMENTED, AT_ONCE},
    {"GET", SOURCE "/regulations/{}", config_get_regulation, GUESS, LISTED},
    {"DELETE", SOURCE "/regulations/{}", config_delete_regulation, DOCUMENTED, NULL},
    {"GET", SOURCE "/suppressed-users", config_list_suppressed, GUESS, LISTED},

    {"GET", WORKSPACE "/functions", config_list_functions, OBSERVED, NOT_RUN},
    {"POST", WORKSPACE "/functions", config_create_function, OBSERVED, NOT_RUN},
    {"GET", WORKSPACE "/functions/{}", config_get_function, OBSERVED, NOT_RUN},
    {"PATCH", WORKSPACE "/functions/{}", config_update_function, OBSERVED, NOT_RUN},
    {"DELETE", WORKSPACE "/functions/{}", config_delete_function, OBSERVED, NOT_RUN},

    {"GET", WORKSPACE "/roles", config_list_roles, GUESS, SHAPES},
    {"GET", WORKSPACE "/roles/{}/policies", config_list_policies, GUESS, SHAPES},
    {"GET", WORKSPACE "/invites", config_list_invites, GUESS, SHAPES},
    {"POST", WORKSPACE "/invites", NULL, GUESS, "Answers 501."},
    {"GET", WORKSPACE "/users", config_list_users, GUESS, SHAPES},

    {"POST", ROOT "/apps", config_create_app, DOCUMENTED,
     "Segment wants an account that it has approved."},
    {"POST", WORKSPACE "/apps", config_create_application, DOCUMENTED,
     "Segment wants an account that it has approved."},
    {"GET", ROOT "/apps", NULL, GUESS, "Answers 501; Segment does not document it."},
    {"GET", ROOT "/apps/{}", NULL, GUESS, "Answers 501; Segment does not document it."},
    {"PATCH", ROOT "/apps/{}", NULL, GUESS, "Answers 501; Segment does not document it."},
    {"DELETE", ROOT "/apps/{}", NULL, GUESS,
     "Answers 501; Segment does not document it."},
    {"GET", ROOT "/installs/{}/token", oauth_install_token, DOCUMENTED, NULL},
    {"GET", ROOT "/install/{}/token", oauth_install_token, OBSERVED,
     "The documents print the name of an install so; whether Segment takes it is not "
     "known."},

    {"GET", ROOT "/access-tokens", config_list_tokens, DOCUMENTED, PASSWORD},
    {"POST", ROOT "/access-tokens", config_create_token, DOCUMENTED, PASSWORD},
    {"GET", ROOT "/access-tokens/{}", config_get_token, DOCUMENTED, PASSWORD},
    {"DELETE", ROOT "/access-tokens/{}", config_delete_token, DOCUMENTED, PASSWORD},
    {.method = NULL},
};
