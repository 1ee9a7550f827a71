// Your function: Segment's events come in, requests to your API go out.
// Save this file while `partnerapp dev` runs: it reloads at once.
// settings: what the customer configured. settings.endpoint: where requests go.

async function send(note, settings) {
  const response = await fetch(settings.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(note),
  }).catch((error) => {
    throw new RetryError(error.message); // nobody answered: try this event later
  });
  // RetryError again: later. Any other error means: give this event up.
  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`the API answered ${response.status}`);
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  return note;
}

const person = (event) => event.userId || event.anonymousId;

// A track call becomes a note on the contact, as a CRM would want it.
async function onTrack(event, settings) {
  console.log('got', event.event);
  return send({ contact: person(event), note: event.event, details: event.properties }, settings);
}

async function onIdentify(event, settings) {
  return send({ contact: person(event), fields: event.traits }, settings);
}

async function onPage(event, settings) {
  return send({ contact: person(event), note: `viewed ${event.name || 'a page'}` }, settings);
}

async function onScreen(event, settings) {
  return send({ contact: person(event), note: `opened ${event.name || 'a screen'}` }, settings);
}

async function onGroup(event, settings) {
  return send({ contact: person(event), company: event.groupId, fields: event.traits }, settings);
}

async function onAlias(event, settings) {
  return send({ merge: event.previousId, into: event.userId }, settings);
}

async function onDelete(event, settings) {
  return send({ forget: event.userId }, settings);
}
