/* SPDX-License-Identifier: MIT */

#include "cli/explain.h"

#include "base/attr.h"

static const struct explain_page pages[] = {
    /* PA1: configuration and start */
    {"PA1002", "the configuration cannot be read",
     "The file that was named is absent, or it is not YAML: a bracket that is not\n"
     "closed, a tab where blanks are wanted, an indent that does not fit its neighbours.",
     "Look at the marked column and just before it. Then: partnerapp config check"},
    {"PA1003", "there is a key that partnerapp does not know",
     "Unknown keys are errors, because a typing mistake in a limit or a retention must\n"
     "not silently mean the default.",
     "Take the suggestion, or find the key: partnerapp config reference"},
    {"PA1004", "a key comes twice in one section",
     "YAML would let one of the two win without a word.", "Keep one of them."},
    {"PA1007", "a value does not fit its key",
     "It has the wrong kind (text where a number is wanted), is outside its range, or\n"
     "two values contradict each other. The message says what would be right.",
     "partnerapp config reference shows kind and default of every key.\n"
     "Durations are written 500ms 30s 5m 2h 7d, sizes 512KiB 5MiB 1GiB."},
    {"PA1009", "a file that the configuration names cannot be read",
     "A secret given by …_FILE, or a function, is absent, unreadable for this user, or\n"
     "empty.",
     "Check path and rights: ls -l FILE. The service's user must be able to read it."},
    {"PA1010", "the app's client id or secret is missing",
     "Enable with Segment (`app:` in the configuration) identifies your app with the\n"
     "two values from the Developer Center.",
     "Copy both (App Info, OAuth) into .env as CLIENT_ID=… and CLIENT_SECRET=…\n"
     "Just trying things out? partnerapp dev needs neither."},
    {"PA1011", "the configuration asks for something that is not built yet",
     "The key is part of the contract, so it is known; this version cannot do it.",
     "Leave it out until then, or take the value that the message names."},
    {"PA1012", "a subscription would let anybody in",
     "auth: none is allowed only where server.public listens on this machine\n"
     "(127.0.0.1) and in dev.",
     "auth: key, and a key for each customer: partnerapp keys create --name NAME"},
    {"PA1013", "signatures are to be checked, but there is no secret",
     "auth: signature and auth: both compare X-Signature with what the shared secret "
     "gives.",
     "secret_file: /run/secrets/NAME in that subscription"},
    {"PA1014", "two subscriptions have the same name or path",
     "A request must belong to exactly one of them.",
     "Rename one, or give it a path: of its own."},
    {"PA1015", "a subscription has nothing to do with its events",
     "It has neither a function that translates them nor an endpoint to forward them to.",
     "function: functions/hello/index.js, or endpoint: https://api.example.com/hook"},
    {"PA1016", "there is no subscription",
     "Nothing could come in, so serve does not start.",
     "subscriptions:\n"
     "  - name: default\n"
     "    function: functions/hello/index.js"},
    {"PA1017", "a name that is needed is missing",
     "Each subscription has a name, and app: has the slug of the destination.",
     "Add the key that the message names; partnerapp config reference explains it."},
    {"PA1018", "only half of a TLS pair is set",
     "A certificate without its key, or a key without its certificate, serves nothing.",
     "Set server.tls_cert and server.tls_key, or neither."},
    {"PA1019", "keys of a source and of a destination are mixed up",
     "kind: source runs onRequest for every POST to its path and sends what "
     "Segment.track()\n"
     "and the others collected to segment.tracking_url, under write_key. It answers 202\n"
     "before the function runs. A destination sends nothing under a write key.",
     "Give a source its function and write_key, or take write_key away."},
    {"PA1020", "the address is in use",
     "Another program listens on this port already, perhaps another partnerapp (or\n"
     "Jupyter, which uses 8888 too).",
     "Stop the other one, or listen elsewhere:\n"
     "  partnerapp dev --port 8898\n"
     "  server.public in partnerapp.yaml"},
    {"PA1021", "the data folder is in use",
     "One process at a time may work in it. The message says which one has it; in dev\n"
     "that is mostly a partnerapp in another terminal.",
     "Use the one that runs (partnerapp status), stop it, or: --data DIR"},
    {"PA1022", "this cannot change while the service runs",
     "Listeners, the store and the data folder are taken once, at the start. The reload\n"
     "was refused as a whole; the old configuration goes on.",
     "Restart the service, or change the value back and reload again."},
    {"PA1023", "two sockets of one name were handed over",
     "The service manager opened more than one socket for the public or the admin\n"
     "listener; each of them listens on one.",
     "Leave one ListenStream= in each socket unit. [::]:PORT takes IPv4 as well."},
    {"PA1030", "the master key can be read by others",
     "All stored keys and settings are sealed with it, so its file must be private.",
     "chmod 600 master.key"},
    {"PA1031", "the master key is not the right one",
     "It is not 32 bytes, nor the base64 of 32; or what is in the store was sealed with\n"
     "another: it was replaced, or the store comes from another installation. The first\n"
     "of these that is there is the key: PARTNERAPP_MASTER_KEY, the systemd credential\n"
     "partnerapp-master-key, master_key_file, master.key in the data folder.",
     "Put back the master.key that belongs to this store. Without it sealed values are\n"
     "lost: then create the customers' keys again in a new store."},
    {"PA1032", "there is no new master key",
     "The service can change its key file, but neither its environment nor a\n"
     "credential: there the new key is yours to put. Several keys may be in it, the\n"
     "new one first.",
     "PARTNERAPP_MASTER_KEY=NEW,OLD, restart, partnerapp vault rotate, then remove OLD"},

    /* PA2: JavaScript */
    {"PA2001", "the function does not load",
     "The code has a syntax error, or it throws while it is loaded. A running service\n"
     "keeps the last good version. Whether the syntax is good the engine decides; the\n"
     "column is the parser's, and where that sees nothing the whole line is underlined.",
     "Mend the marked line; look without running anything: partnerapp fn check FILE"},
    {"PA2002", "the function handles nothing",
     "It defines none of onIdentify onTrack onPage onScreen onGroup onAlias onDelete\n"
     "onBatch onRequest, transformEvent or exports.processEvents. A handler must be a\n"
     "function declaration or an assignment: in Segment's functions its name is a\n"
     "parameter of the function around the code, so const onTrack = … is an error.",
     "async function onTrack(event, settings) { … }"},
    {"PA2003", "a function looks like a handler, but nobody calls it",
     "Its name is nearly that of a handler: onTrak, ontrack. The code is good; events\n"
     "of that type are not supported, though.",
     "Correct the name, or give it one that does not begin with `on`."},
    {"PA2010", "the function threw an error",
     "An error without one of the known names means: give this event up. It becomes a\n"
     "dead letter. A line that is wholly underlined is where it was thrown; under a name "
     "the\n"
     "mark is exact.",
     "Run it again with that event and look: partnerapp fn run FILE --event FILE\n"
     "Throw RetryError to try later, EventNotSupported or ValidationError to discard."},
    {"PA2020", "the code uses what is not there",
     "Segment preloads libraries and Node has modules that functions here do not have.\n"
     "`fn check` finds a name that is used and nowhere in the code defined, assigned or\n"
     "asked for with typeof, and a module in require('…'), before an event does.",
     "Use what the message names instead. What there is: docs/reference/functions.md\n"
     "Code that can do without it: if (typeof AWS !== 'undefined') …"},
    {"PA2030", "there is no runner for functions",
     "partnerapp-runner was not found beside partnerapp, could not be started, or this\n"
     "machine does not allow the sandbox that the configuration demands.",
     "Build it: make build. Elsewhere: PARTNERAPP_RUNNER=/path/partnerapp-runner\n"
     "A weaker sandbox, if you know why: runners.sandbox: auto"},
    {"PA2041", "this file is no test",
     "Each *.json in functions/NAME/tests is one test: an \"event\" (or {event,\n"
     "settings, version}, or a list of events: a batch) or a \"request\", and what to "
     "\"expect\" "
     "of\n"
     "it. Expected is a part of what happens: an object may have more members.",
     "{\"name\": \"a track call becomes a note\",\n"
     " \"event\": {\"type\": \"track\", \"userId\": \"u1\", \"event\": \"Signed Up\"},\n"
     " \"settings\": {\"apiKey\": \"k\"},\n"
     " \"answers\": [{\"request\": {\"url\": \"https://api.example.com/*\"},\n"
     "              \"response\": {\"status\": 201, \"body\": {\"id\": 7}}}],\n"
     " \"expect\": {\"outcome\": \"delivered\", \"requests\": [{\"method\":\n"
     "\"POST\"}]}} One from what happens now: partnerapp fn test NAME --record"},
    {"PA2042", "this is no mock",
     "A mock says which request it answers and how. Those of "
     "functions/NAME/mocks/*.json\n"
     "answer every run, those in a test's \"answers\" come first. A url may end in *.",
     "{\"request\": {\"method\": \"POST\", \"url\": \"https://api.example.com/*\"},\n"
     " \"response\": {\"status\": 429, \"headers\": {\"retry-after\": \"2\"}, \"body\":\n"
     "{}}} {\"response\": {\"error\": \"connect ECONNREFUSED\"}} plays a request without "
     "an "
     "answer."},
    {"PA2043", "there is nothing to test",
     "The Developer Center's suite are events, and a source function takes requests: it\n"
     "has only tests of its own.",
     "Write functions/NAME/tests/NAME.json: partnerapp explain PA2041"},
    {"PA2044", "the function is there already", "`fn new` never writes over anything.",
     "Choose another name, or remove the folder yourself."},
    {"PA2045", "no such template",
     "A template is one of the examples that the program carries.",
     "partnerapp fn new --list"},

    /* PA3: receiving, and who may ask */
    {"PA3001", "the key was refused",
     "The subscription wants a key (auth: key) and got none, an unknown or revoked one\n"
     "(401), or one that is for other subscriptions (403).",
     "partnerapp keys list\n"
     "partnerapp keys create --name NAME"},
    {"PA3002", "the body cannot be signed",
     "Segment signs JSON.stringify of an object, or of the first element of an array.\n"
     "This body is no JSON, or an empty array.",
     "Check that the file is the request's body and nothing else."},
    {"PA3004", "this is no event",
     "An event is a JSON object with a type: identify, track, page, screen, group, "
     "alias\n"
     "or delete.",
     "A good one to begin with: partnerapp trigger track --json, then events get ID "
     "--json"},
    {"PA3020", "the request did not come from this machine's own pages",
     "dev needs no token, so it answers only requests whose Host and Origin are this\n"
     "machine: another site's page in your browser must not read your events.",
     "Use http://localhost:PORT. For several machines: partnerapp serve, with tokens."},
    {"PA3021", "a token is needed",
     "The admin listener of serve answers only who shows a token.",
     "On the server: --data DIR lets the command line read DIR/admin.token.\n"
     "Elsewhere: partnerapp token create, then PARTNERAPP_TOKEN=pat_…"},
    {"PA3022", "the token's role does not allow this",
     "A viewer looks, an operator also replays, pauses and discards, an admin also\n"
     "makes keys and tokens.",
     "partnerapp token create --role operator"},
    {"PA3023", "a call with a cookie that another page may have sent",
     "A browser sends cookies along whichever page asks. So a call that changes\n"
     "something says with Origin or Sec-Fetch-Site that it comes from the console, and\n"
     "its body is application/json.",
     "From a program: no cookie, but Authorization: Bearer pat_…\n"
     "Behind a proxy: let it pass on the Host that the browser has sent."},
    {"PA3024", "a viewer does not search in what events say",
     "Who sees payloads as shapes only must not find their values by asking: words,\n"
     "user:, anon: and paths into the payload are for operators.",
     "is: type: event: sub: status: error: and the times are for everybody.\n"
     "partnerapp user role NAME operator      if this person may see payloads"},
    {"PA3025", "the current password is another one",
     "A password is changed by who knows it. Tokens have none.",
     "partnerapp user password NAME          a link with which a new one is chosen"},
    {"PA3026", "too many tries of a password",
     "After five wrong ones each try waits longer, up to ten minutes. Others are\n"
     "not held up.",
     "Wait as long as Retry-After says, or ask an admin for a new link:\n"
     "partnerapp user password NAME"},
    {"PA3027", "the last admin can neither go nor step down",
     "Then nobody could let people in any more. Who has no password yet does not count.",
     "partnerapp user add NAME --role admin  make another one first"},
    {"PA3028", "this name cannot be a user's",
     "A name is letters and digits of ASCII and . _ - + @, at most 64, and one user's;\n"
     "upper and lower case are the same.",
     "partnerapp user list                   who is there"},
    {"PA3029", "this password is not taken",
     "At least 12 characters, at most 1024 bytes, and not the user's name. Nothing else\n"
     "is asked: length counts.",
     "Four words that do not belong together make a good one."},

    /* PA4: delivering */
    {"PA4001", "an endpoint does not answer",
     "Requests to this host failed several times in a row, so partnerapp waits before\n"
     "it tries again. Deliveries wait; none is lost.",
     "partnerapp endpoint ping HOST          look closer\n"
     "partnerapp endpoint pause HOST         stop trying until you resume"},
    {"PA4005", "the endpoint answered with an error",
     "408, 423, 429 and 5xx are tried again, later each time. 501 discards the event.\n"
     "Any other 4xx means that no retry will help: a dead letter.",
     "partnerapp events get ID shows request and answer. When the endpoint is mended:\n"
     "partnerapp dead replay"},

    /* PA5: Enable with Segment, and the Config API (the same words as
       core/enabling_words) */
    {"PA5001", "the answer does not belong to this browser",
     "Each press of the button gets a mark of its own (state), bound to the browser by\n"
     "a cookie and good once. This answer carries none, an old one, or another "
     "browser's.",
     "Go back to the button and press it again, in one window. Cookies must be allowed."},
    {"PA5002", "Segment refused this app's credentials",
     "CLIENT_ID or CLIENT_SECRET is not what Segment has for the app (invalid_client).",
     "Copy both again from the Developer Center (App Info, OAuth). A blank, a quote or\n"
     "a line break around the secret counts as part of it."},
    {"PA5003", "the scopes do not match",
     "An app has exactly one scope. The one that was asked for, or that came back, is\n"
     "another (invalid scope).",
     "Compare the app's scope in the Developer Center with app.slug in partnerapp.yaml:\n"
     "destination/SLUG is the usual one."},
    {"PA5004", "Segment does not know this redirect URL",
     "The list in the Developer Center is compared to the letter: scheme, host, port\n"
     "and path. Segment's own message is \"missing a required parameter\".",
     "Developer Center, App Info, OAuth, Redirect URL: add the URL exactly.\n"
     "Behind a proxy set server.public_url: it decides which URL is sent."},
    {"PA5005", "the app is installed there already",
     "An app is installed once on a workspace. Segment says that the install already\n"
     "exists, and this server has no record of it (another server, or a lost store).",
     "Remove the app from the workspace in Segment, then press the button again.\n"
     "Or restore the store that has the install."},
    {"PA5006", "the attempt took too long",
     "An attempt, and the code that Segment sends with it, are good once and for ten\n"
     "minutes.",
     "Press the button again."},
    {"PA5007", "the app was not allowed in",
     "On Segment's page somebody declined, or was not an owner of the workspace\n"
     "(access_denied).",
     "Press the button again, as an owner of the workspace."},
    {"PA5008", "Segment's answer makes no sense",
     "It is no JSON, of another shape than Segment's API is known to have, or larger\n"
     "than any good one. Nothing of it was used.",
     "Try once more. If it stays, see whether a proxy answers in Segment's place."},
    {"PA5009", "Segment does not answer",
     "It could not be reached within ten seconds, or said 5xx several times in a row.\n"
     "What was done so far is kept.",
     "Try again in some minutes; it goes on where it stopped."},
    {"PA5010", "Segment wants fewer calls",
     "Segment takes 200 calls a minute for each token and answered 429.",
     "Try again in some minutes; it goes on where it stopped."},
    {"PA5011", "Segment did not take the destination",
     "The app is installed, but creating or changing its destination was refused: a\n"
     "setting that is unknown or does not fit, a source that is gone, missing rights,\n"
     "or a token that is not taken any more.",
     "Compare app.settings with the destination's settings in Segment's catalog. When\n"
     "the customer removed the app, they must press the button again."},
    {"PA5012", "there is no source to connect",
     "Only the scope destination/SLUG lets the customer choose a source. Without one\n"
     "there is nowhere to put a destination.",
     "Give the app the scope destination/SLUG, or add the destination by hand."},
    {"PA5013", "the install could not be finished here",
     "A restart, too many installs at once, or a store that could not write. What was\n"
     "done so far is kept.",
     "Try again in a minute; it goes on where it stopped. partnerapp status tells more."},
    {"PA5020", "Segment refused the token",
     "An install token lasts an hour and dies when a new one is fetched. One that is\n"
     "refused right after that belongs to an install that the customer removed. The "
     "Public API\n"
     "has tokens of its own, each for one workspace and one region.",
     "partnerapp install refresh N           a new one\n"
     "partnerapp install start               when the customer removed the app\n"
     "partnerapp segment … --token-file FILE with a token of the Public API"},
    {"PA5021", "the token may not do this",
     "destination/SLUG: get, create, update and delete that destination of the source\n"
     "that was chosen, and read the catalog; no lists. workspace:read: every get and "
     "list of\n"
     "the workspace. workspace: everything.",
     "Ask for less, or have the app's scope changed: installs from then on have the "
     "new one."},
    {"PA5022", "Segment has nothing of this name",
     "The name is wrong, or it was deleted. v1beta has names (workspaces/W/sources/S),\n"
     "the Public API has ids.",
     "partnerapp segment workspaces, segment sources list WORKSPACE show what there is."},
    {"PA5023", "it exists already",
     "A source has at most one destination of a kind; names of sources are unique.",
     "partnerapp segment destinations update NAME --set NAME=VALUE"},
    {"PA5024", "Segment did not accept the request",
     "The API's own words are in the message: a setting that the catalog does not have,\n"
     "a value that its rule forbids, a required one that is missing.",
     "partnerapp segment catalog destinations SLUG   settings and their rules\n"
     "partnerapp segment … --dry-run                 what would be sent"},
    {"PA5025", "Segment's API cannot answer now",
     "It did not answer, said 5xx, or has had too many requests of this token. It was\n"
     "asked again several times.",
     "Wait, then try again. Is the address right? partnerapp config show"},
    {"PA5026", "what answered is not Segment's API",
     "The answer is no JSON, or not of this API.",
     "partnerapp segment … --dry-run shows the address; --api and --api-url change it."},
    {"PA5027", "Segment's API does not do this",
     "It is part of the design and was never built (501), such as changing a source.",
     "Do it in Segment's own app."},
    {"PA5028", "there is no install to act for",
     "Nobody has pressed the button yet, so there is no token.",
     "partnerapp install start\n"
     "partnerapp segment … --token-file FILE"},
    {"PA5029", "several installs: which one is not clear",
     "Without --install the only install is meant.", "partnerapp install list"},
    {"PA5030", "nobody has consented in time",
     "install start waits for --timeout. The flow itself goes on without it: whoever\n"
     "presses the button later is installed all the same.",
     "partnerapp install list"},

    /* PA6: storage */
    {"PA6001", "the store or data folder is in use",
     "One process at a time may write to it. The message says which one has it.",
     "Stop that process, or name another folder: --data DIR"},
    {"PA6002", "the store is of a newer partnerapp",
     "Its tables are newer than this program knows, and writing could damage them.",
     "Start the version that wrote it, or a newer one."},
    {"PA6003", "the store cannot be trusted any more",
     "A write or a sync failed. After that nobody knows what the disk holds, so nothing\n"
     "more is accepted and the process ends. What was acknowledged is on disk.",
     "Check the disk (dmesg, smartctl), then start again."},
    {"PA6004", "the disk of the store is full",
     "Nothing was lost: the change was undone, and Segment is told to come later (503).\n"
     "A service that has no room to open its store says so, too, and opens it as soon\n"
     "as there is some.",
     "Free some space, or lower limits.retention or limits.disk."},
    {"PA6005", "the file is a database, but not partnerapp's",
     "store: names the database of another program.",
     "Name another file, such as store: sqlite:./partnerapp.db"},
    {"PA6006", "the store is of an older partnerapp",
     "A command that only reads does not change its tables.",
     "Start the service once: it brings the store up to date."},
    {"PA6007", "another program has locked the store",
     "One that is not ours, such as VACUUM, held its lock for more than five seconds.\n"
     "Nothing was lost: Segment is told to come later (503), and it goes on by itself.",
     "fuser -v partnerapp.db shows who it is; end it.\n"
     "sqlite3 partnerapp.db \"VACUUM INTO 'copy.db'\" makes a backup without a lock."},
    {"PA6008", "the file of the store was removed, or replaced",
     "Nobody would find what is written into it, so the process ends.",
     "Put it where it was, or begin anew; then start. Stop the service first next time."},
    {"PA6010", "the disk is full",
     "The events of this request were not stored; Segment was answered 503 and keeps "
     "them.",
     "Free some space, or lower limits.retention or limits.disk."},
    {"PA6020", "the folder is not ours to remove",
     "--fresh removes a data folder only when it is empty or holds partnerapp.db.",
     "Check the path of --data."},

    /* PA7: the command line and the API behind it */
    {"PA7001", "there is no such command",
     "Commands are never guessed or shortened: what runs is what you typed.",
     "partnerapp help"},
    {"PA7002", "there is no such flag",
     "Every flag has a long form; only -h -q -o -n -y have a short one.",
     "partnerapp COMMAND -h"},
    {"PA7003", "a flag's value does not fit", "The message says what it wants.",
     "partnerapp COMMAND -h shows each flag with its default."},
    {"PA7004", "too few or too many arguments",
     "A query with blanks is one argument when quoted.", "partnerapp COMMAND -h"},
    {"PA7005", "there is nothing with this name or id",
     "It was removed (limits.retention), never existed here, or the id is of another\n"
     "service.",
     "partnerapp events list, keys list, endpoint list show what there is."},
    {"PA7006", "several ids begin like this",
     "Any beginning of an id is accepted while only one fits it.",
     "Give more of it; --json shows whole ids."},
    {"PA7007", "too many ids at once", "A request with ids is meant for a handful.",
     "Say which ones with a query: partnerapp events replay 'type:track after:2h'"},
    {"PA7008", "this is no id of an event or delivery",
     "Ids begin with evt_ or dlv_ and have 26 characters after it.",
     "partnerapp events list --json"},
    {"PA7009", "nothing was said to replay", "A replay needs a query or ids.",
     "partnerapp events replay is:dead"},
    {"PA7010", "no partnerapp answers",
     "Commands that look at events talk to a running service. They look for it at\n"
     "--server, else where DATA/admin.url says, else at http://127.0.0.1:8888.",
     "partnerapp dev, or partnerapp serve\n"
     "partnerapp --data DIR COMMAND          the folder of the service\n"
     "partnerapp --server URL COMMAND        a service elsewhere"},
    {"PA7011", "this key exists already, or did until it was revoked",
     "A key identifies one customer, so the same value cannot be stored twice. A\n"
     "revoked value never comes back: who it was taken from may still have it.",
     "partnerapp keys list                   the key, and whether it is revoked\n"
     "partnerapp keys create                 a new value"},
    {"PA7012", "there is no such subscription",
     "A key can be limited to subscriptions of the configuration only.",
     "partnerapp config show"},
    {"PA7013", "the key is empty or too long", "Segment sends it in a header.",
     "Use a shorter one, or let partnerapp make one: partnerapp keys create"},
    {"PA7014", "there is no such role", "Roles are viewer, operator and admin.",
     "partnerapp token create --role viewer"},
    {"PA7017", "the query is not understood",
     "A field, a value or the form is not known; the mark shows where. Terms with a\n"
     "blank between them must all hold, OR in capitals stands between such groups, a "
     "minus\n"
     "excludes, and quotes look for the text itself. There are no parentheses.",
     "Fields: is: type: event: user: anon: sub: source: fn: install: key: id: message:\n"
     "replay: status: error: attempts: latency: size: has: after: before:\n"
     "Paths: properties.plan:pro traits.email:*@initech.com context.ip:8.8.8.8\n"
     "States: queued running retrying delivered discarded filtered dead.\n"
     "Times: 2h (ago), a date, or RFC 3339. partnerapp help events list"},
    {"PA7020", "a secret was typed as a flag's value",
     "Other users of this machine can read it from the list of processes, and it stays\n"
     "in the shell's history.",
     "Give it in a file (--key-file, --secret-file, - is standard input) or in the\n"
     "environment."},
    {"PA7021", "a yes is needed, and nobody can be asked",
     "The command changes many things or cannot be undone, and standard input is no\n"
     "terminal.",
     "Look first: --dry-run. Then: --yes"},
    {"PA7022", "this is not built yet",
     "The command belongs to a part of partnerapp that is still to come.",
     "partnerapp help marks what is missing with a star."},
    {"PA7023", "no error has this code", "Codes have the form PA and four digits.",
     "An error prints its own code in brackets."},
    {"PA7024", "there is no such file", "The path is taken from the folder you are in.",
     "ls -l PATH; - means standard input."},
    {"PA7025", "the service refused the request",
     "It answered with an error that this command does not know.",
     "The message is the service's own; its log has more."},
    {"PA7026", "the service does not know who asks",
     "The token is missing, wrong or revoked, or its role is too small.",
     "--data DIR of the service (it holds admin.token), or PARTNERAPP_TOKEN=pat_…"},
    {"PA7027", "the service says that this contradicts what there is",
     "Something with this name or value exists already, or an id is not unique.",
     "The message says which."},
    {"PA7028", "the service asks to try later",
     "It is starting, stopping, full, or asked too often.",
     "partnerapp status, then try again."},
    {"PA7029", "the service does not understand the request",
     "Mostly a query with an unknown word, or text that is not what was expected.",
     "Queries: is: type: event: user: sub: key: id: after: before: and plain words."},
    {"PA7030", "the request does not fit the admin API",
     "A path, method, parameter, credential or body that the API does not know; the\n"
     "problem's `detail` says which.",
     "docs/reference/http-api.md lists the paths and their parameters."},
    {"PA7031", "too much is asked at once, or the service is stopping",
     "Questions about stored events wait in a bounded line, so that they cannot slow\n"
     "down events.",
     "Ask again in a moment; Retry-After says when."},
    {"PA7032", "the service could not answer",
     "Something failed inside; the log has a line about it.",
     "Look at the log; ask for fewer rows (limit=) when the answer was too large."},
    {"PA7033", "a member of the request's body does not fit",
     "Members that the API does not know are refused: a misspelt \"dry_run\" must not\n"
     "send anything.",
     "Correct the member that `detail` names; docs/reference/http-api.md lists them."},
    {"PA7034", "a function's file is not written from here",
     "The path that the configuration names is a link, or no file. Writing through it\n"
     "could change something else.",
     "Change the file itself, or let the configuration name it directly."},
    {"PA7035", "the code of functions is read-only here",
     "A service takes its functions from where they are deployed to. The console shows\n"
     "them, checks and tries what is typed, and saves nothing.",
     "Change the file and reload, or set functions.readonly to off."},
    {"PA7036", "somebody else has changed the file meanwhile",
     "The file on disk is not the one that was opened in the editor, so saving would\n"
     "undo what is in it now. The answer has the file's content as `source`.",
     "Bring both together and save again with its sha256."},
    {"PA7040", "Enable with Segment is not configured here",
     "Installs can only be worked on when the service knows its app: which destination\n"
     "it is for, and the credentials that Segment gave it.",
     "Set app.destination in partnerapp.yaml, and CLIENT_ID and CLIENT_SECRET in the\n"
     "environment or .env; `partnerapp dev` needs none of them."},
    {"PA7041", "nobody consents by itself here",
     "Only `dev` with the local Segment plays the person who says yes; at Segment an\n"
     "owner of the workspace has to.",
     "Open the button's address (/auth/segment) in a browser."},
    {"PA7042", "too many exports run",
     "Four exports run at a time; each reads the whole store.",
     "Wait for one of them (GET /api/v1/jobs), or remove one:\n"
     "DELETE /api/v1/exports/exp_…."},
    {"PA7043", "the disk has no room for an export",
     "Exports stop while half a gigabyte is left, because events need it more.",
     "Remove files that are not needed, older exports first, or send the events into\n"
     "a pipe instead: partnerapp events export QUERY."},
    {"PA7044", "the file of this export is not there",
     "An export's file is handed out when it is whole; this one runs still, or has\n"
     "failed.",
     "Look at GET /api/v1/exports/exp_…: `state` is done when it is there, `error` says\n"
     "why it has failed."},

    /* PA8: the local Segment */
    {"PA8001", "the local Segment ended",
     "It is a program of its own, partnerapp-emulator; the message has what it said\n"
     "last. What partnerapp has accepted is not touched by that.",
     "partnerapp emulator start          alone, to see whether it starts\n"
     "partnerapp dev --fresh             when its data are spoilt"},
    {"PA8002", "the local Segment does not begin to listen",
     "It was started, and neither said that it is ready nor ended.",
     "Is the disk of its data folder slow or full? Try without one: partnerapp emulator\n"
     "start"},
    {"PA8003", "the command of `emulator exec` could not be started",
     "There is no such program in PATH, or it may not be executed.",
     "partnerapp emulator exec -- sh -c 'anything that a shell understands'"},
    {"PA8010", "no local Segment answers",
     "Commands about it look for one at --emulator-url ($PARTNERAPP_EMULATOR_URL) or\n"
     "--port, else where DATA/emulator.url says, else at http://127.0.0.1:8889.",
     "partnerapp dev, or partnerapp emulator start\n"
     "partnerapp --data DIR emulator …       the data folder of dev"},
    {"PA8011", "the local Segment refused the request", "The message is its own.",
     "docs/reference/emulator.md lists its controls and what they take."},
    {"PA8012", "the event cannot come from a customer's site",
     "Deletions are not sent by a source: Segment makes them itself, from a workspace's\n"
     "privacy settings.",
     "partnerapp trigger delete              directly, as Segment would send it"},
    {"PA8013", "the local Segment did not pass the event on",
     "It judges events as Segment does, and sends them only to destinations that are\n"
     "enabled and not filtered; what a destination refuses for good is given up.",
     "The message says which of these. Its pages show every event and attempt."},
    {"PA8014", "the local Segment has not delivered the event yet",
     "Its attempts fail and are repeated, later each time, as Segment repeats them.",
     "partnerapp emulator fault list         is it told to fail?\n"
     "partnerapp emulator clock advance 1h   have its next attempt now"},

    /* PA9: Lambda */
    {"PA9010", "there is no Runtime API to serve",
     "`lambda run` asks Lambda's Runtime API for events, and the environment variable\n"
     "AWS_LAMBDA_RUNTIME_API says where that is. Lambda sets it, and so does every host\n"
     "that plays Lambda.",
     "partnerapp lambda serve --function FUNCTION    a host on this machine\n"
     "One event without any of it: partnerapp fn run FUNCTION --event FILE"},
    {"PA9020", "the lambda answered with an error",
     "Invoke itself went well (HTTP 200); the function said that it failed, took too\n"
     "long or ended. Type and message are its own, or Lambda's: Sandbox.Timedout,\n"
     "Runtime.ExitError.",
     "partnerapp lambda invoke … --log       what the function wrote\n"
     "partnerapp lambda invoke … --timeout 30s"},
    {"PA9021", "no Lambda service answers", "Nobody listens at --url.",
     "partnerapp lambda serve --function F   one on this machine, port 9001"},
    {"PA9022", "Invoke was refused",
     "The service did not call the function; status and message are its own.",
     "403: whose credentials are in the environment (AWS_ACCESS_KEY_ID …)?\n"
     "404: is the name the function's, in this region (AWS_REGION)?\n"
     "429: all its environments are busy; try later"},
    {"PA9030", "Lambda could not run this handler",
     "--handler wants a program for Linux and for this machine's processor, as a\n"
     "compiler makes it: dynamically linked with glibc, or static. Scripts, libraries\n"
     "and programs for another processor are not packed.",
     "file ./program                         what is it?\n"
     "A program of another C library is packed when it is linked with -static."},
    {"PA9031", "a shared library cannot go into the zip",
     "The zip brings every library that its programs need. One is not on this machine, "
     "or is\n"
     "asked for by an absolute path that Lambda does not have.",
     "ldd ./program                          which?\n"
     "LD_LIBRARY_PATH=FOLDER partnerapp lambda package …   where it lies"},
    {"PA9032", "the package is larger than Lambda takes",
     "50 MiB zipped, 250 MiB unzipped. partnerapp itself takes about 41 and 106 of it.",
     "The message names the largest parts. A C handler without the engine takes a\n"
     "tenth: partnerapp lambda package --handler ./program"},
    {"PA9033", "a part of the package is not on this machine",
     "partnerapp, partnerapp-runner and partnerapp-starter lie in one folder, and are\n"
     "packed with the machine's list of certificate authorities.",
     "make build, or make install            all programs\n"
     "apt install ca-certificates            or SSL_CERT_FILE=FILE"},
    {"PA9034", "a source function cannot be a lambda",
     "Segment invokes lambdas with events; a source function waits for HTTP requests.",
     "partnerapp serve                       runs source functions"},
};

const struct explain_page *explain_pages(size_t *ret_n_pages)
{
    *ret_n_pages = COUNT(pages);
    return pages;
}
