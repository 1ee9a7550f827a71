// Loads events into a warehouse, many rows a request.
//
//   settings.endpoint  takes {"rows": […]} and answers 200 {"rejected": [{row, reason, retry}]}
//   settings.apiKey    its bearer token

// messageId makes repeats harmless: the warehouse replaces a row of the same id.
const rowOf = (event) => ({
  id: event.messageId,
  type: event.type,
  name: event.event ?? event.name ?? null,
  user_id: event.userId ?? null,
  anonymous_id: event.anonymousId ?? null,
  at: event.timestamp,
  data: event.properties ?? event.traits ?? {},
});

async function insert(events, settings) {
  if (!settings.endpoint) throw new ValidationError('The setting "endpoint" is missing');
  const response = await fetch(settings.endpoint, {
    method: 'POST',
    headers: { Authorization: `Bearer ${settings.apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ rows: events.map(rowOf) }),
  }).catch((error) => {
    throw new RetryError(error.message);
  });

  // Nothing was loaded: an error settles the whole batch at once.
  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`the warehouse answered ${response.status}`);
  if (!response.ok) throw new Error(`the warehouse answered ${response.status}`);
  return (await response.json()).rejected ?? [];
}

// One status for each event, in their order: 2xx is delivered, 408, 429 and 5xx come again
// (maybe in another batch), anything else is given up.
async function onBatch(events, settings) {
  const statuses = events.map(() => ({ status: 200 }));

  for (const { row, reason, retry } of await insert(events, settings))
    statuses[row] = { status: retry ? 500 : 400, errormessage: reason };
  return statuses;
}

// Single events still come, for instance while there are few.
async function insertOne(event, settings) {
  const [rejected] = await insert([event], settings);

  if (rejected?.retry) throw new RetryError(rejected.reason);
  if (rejected) throw new InvalidEventPayload(rejected.reason);
}

async function onIdentify(event, settings) {
  return insertOne(event, settings);
}

async function onTrack(event, settings) {
  return insertOne(event, settings);
}

async function onPage(event, settings) {
  return insertOne(event, settings);
}

async function onScreen(event, settings) {
  return insertOne(event, settings);
}

async function onGroup(event, settings) {
  return insertOne(event, settings);
}
