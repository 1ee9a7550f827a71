/* SPDX-License-Identifier: MIT */

#include "core/enabling.h"

/*
 * What each accident is called, after ux §2.6 and dossier §6.9. Segment's own words are
 * too short to act on, and a stranger may have written them: these are ours.
 */
static const struct enabling_words words[ENABLING_N_FAULTS] = {
    [ENABLING_FAULT_STATE] = {"PA5001", 400,
                              "This answer does not belong to this browser",
                              "The answer from Segment carries a mark that we did not "
                              "give to this browser, or one that was used already.",
                              "Go back to the button and press it again, in one window.",
                              true},
    [ENABLING_FAULT_CLIENT] =
        {"PA5002", 502, "Segment did not accept our credentials",
         "The client id or the client secret of this app is not the "
         "one that Segment has.",
         "Whoever runs this app must copy both again from the "
         "Developer Center (App Info, OAuth): no blank, no quote, "
         "no line break around the secret.",
         false},
    [ENABLING_FAULT_SCOPE] = {"PA5003", 400, "The scopes do not match",
                              "The app was made with another scope than the one that "
                              "this server asks for (Segment: invalid scope).",
                              "Whoever runs this app must make the two the same: the "
                              "scope in the Developer Center, and app.slug here.",
                              false},
    [ENABLING_FAULT_REDIRECT] =
        {"PA5004", 502, "Segment does not know our redirect URL",
         "The address that Segment is to send you back to is not, "
         "to the letter, on the app's list (Segment: missing a "
         "required parameter).",
         "Whoever runs this app must add it in the Developer "
         "Center (App Info, OAuth, Redirect URL); behind a proxy "
         "server.public_url decides what it is.",
         false},
    [ENABLING_FAULT_INSTALLED] =
        {"PA5005", 409, "The app is installed there already",
         "Segment says that the install already exists, but this "
         "server does not have its name and cannot use it.",
         "In Segment, remove the app from the workspace, then "
         "press the button again.",
         true},
    [ENABLING_FAULT_EXPIRED] =
        {"PA5006", 400, "That took too long",
         "An attempt, and the code that Segment sends with it, are "
         "good once and for ten minutes.",
         "Press the button again.", true},
    [ENABLING_FAULT_DENIED] = {"PA5007", 403, "The app was not allowed in",
                               "On Segment's page somebody declined, or was not an owner "
                               "of the workspace.",
                               "Press the button again when you want it after all; only "
                               "an owner of the workspace can allow it.",
                               true},
    [ENABLING_FAULT_ANSWER] =
        {"PA5008", 502, "Segment's answer makes no sense",
         "What came back is not what Segment's API is known to "
         "answer, so nothing of it was used.",
         "Try once more. If it stays, something between this server "
         "and Segment, such as a proxy, may be answering instead.",
         true},
    [ENABLING_FAULT_AWAY] = {"PA5009", 502, "Segment does not answer",
                             "Segment could not be reached, or said that it cannot serve "
                             "this now. What was done so far is kept.",
                             "Try again in some minutes; it goes on where it stopped.",
                             true},
    [ENABLING_FAULT_LIMITED] = {"PA5010", 503, "Segment wants us to slow down",
                                "There were more calls in a minute than Segment allows. "
                                "What was done so far is kept.",
                                "Try again in some minutes; it goes on where it stopped.",
                                true},
    [ENABLING_FAULT_REFUSED] =
        {"PA5011", 502, "Segment did not take the destination",
         "The app is installed, but Segment refused to set up its "
         "destination, because of a setting or for want of rights.",
         "Whoever runs this app must compare app.settings with the "
         "destination's settings in Segment's catalog.",
         true},
    [ENABLING_FAULT_NO_SOURCE] =
        {"PA5012", 409, "There is no source to connect",
         "The app is installed, but no source was chosen with it "
         "(a workspace scope has none), so there is nowhere to "
         "put a destination.",
         "Add the destination to a source in Segment by hand, or "
         "give the app the scope destination/SLUG.",
         false},
    [ENABLING_FAULT_OURS] = {"PA5013", 503, "We could not finish that",
                             "The fault is on this side: a restart, a full queue, or a "
                             "store that could not write.",
                             "Try again in a minute; it goes on where it stopped.", true},
};

const struct enabling_words *enabling_words(enum enabling_fault fault)
{
    const bool has_words = fault > ENABLING_FAULT_NONE && fault < ENABLING_N_FAULTS;

    return &words[has_words ? fault : ENABLING_FAULT_OURS];
}

enum enabling_fault enabling_fault_of_refusal(enum oauth_refusal refusal)
{
    switch (refusal) {
    case OAUTH_REFUSAL_NONE:
        return ENABLING_FAULT_NONE;
    case OAUTH_ACCESS_DENIED:
        return ENABLING_FAULT_DENIED;
    case OAUTH_INVALID_SCOPE:
        return ENABLING_FAULT_SCOPE;
    case OAUTH_INSTALLED_ALREADY:
        return ENABLING_FAULT_INSTALLED;
    case OAUTH_UNAUTHORIZED_CLIENT:
        return ENABLING_FAULT_CLIENT;
    case OAUTH_SERVER_ERROR:
    case OAUTH_TEMPORARILY_UNAVAILABLE:
        return ENABLING_FAULT_AWAY;
    case OAUTH_INVALID_REQUEST:
    case OAUTH_UNSUPPORTED_RESPONSE_TYPE:
    case OAUTH_OTHER_REFUSAL:
        break;
    }
    return ENABLING_FAULT_ANSWER;
}

enum enabling_fault enabling_fault_of_token(enum oauth_token_verdict verdict)
{
    switch (verdict) {
    case OAUTH_TOKEN_GOOD:
        return ENABLING_FAULT_NONE;
    case OAUTH_TOKEN_EXPIRED_CODE:
        return ENABLING_FAULT_EXPIRED;
    case OAUTH_TOKEN_WRONG_CLIENT:
        return ENABLING_FAULT_CLIENT;
    case OAUTH_TOKEN_WRONG_REDIRECT:
        return ENABLING_FAULT_REDIRECT;
    case OAUTH_TOKEN_LIMITED:
        return ENABLING_FAULT_LIMITED;
    case OAUTH_TOKEN_UNAVAILABLE:
        return ENABLING_FAULT_AWAY;
    case OAUTH_TOKEN_SCOPE:
        return ENABLING_FAULT_SCOPE;
    case OAUTH_TOKEN_REVOKED:
        return ENABLING_FAULT_REFUSED;
    case OAUTH_TOKEN_REFUSED:
    case OAUTH_TOKEN_MALFORMED:
        break;
    }
    return ENABLING_FAULT_ANSWER;
}

enum enabling_fault enabling_fault_of_answer(enum segment_verdict verdict)
{
    switch (verdict) {
    case SEGMENT_FINE:
        return ENABLING_FAULT_NONE;
    case SEGMENT_LIMITED:
        return ENABLING_FAULT_LIMITED;
    case SEGMENT_UNAVAILABLE:
        return ENABLING_FAULT_AWAY;
    case SEGMENT_EXISTS:
    case SEGMENT_UNAUTHENTICATED:
    case SEGMENT_FORBIDDEN:
    case SEGMENT_NOT_FOUND:
    case SEGMENT_INVALID:
        return ENABLING_FAULT_REFUSED;
    case SEGMENT_MALFORMED:
    case SEGMENT_NOT_IMITATED:
        break;
    }
    return ENABLING_FAULT_ANSWER;
}
