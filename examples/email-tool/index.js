// Keeps the subscribers of an e-mail tool: their fields, their lists, and their wish to
// be left alone.
//
//   settings.endpoint  the tool's API
//   settings.apiKey    its key

async function call(method, path, body, settings) {
  if (!settings.apiKey) throw new ValidationError('The setting "apiKey" is missing');
  const response = await fetch(settings.endpoint + path, {
    method,
    headers: { 'X-Api-Key': settings.apiKey, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  }).catch((error) => {
    throw new RetryError(error.message);
  });

  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`${method} ${path}: ${response.status}`);
  if (response.status === 400 || response.status === 422)
    throw new InvalidEventPayload(await response.text());
  if (!response.ok && !(method === 'DELETE' && response.status === 404))
    throw new Error(`${method} ${path}: ${response.status}`);
}

// Subscribers have our customer's user ids. An address would change under our feet.
function pathOf(event) {
  if (!event.userId) throw new EventNotSupported('Only known users can be written to');
  return `/subscribers/${encodeURIComponent(event.userId)}`;
}

// true, false, or undefined when the traits say nothing: then the wish on record stays.
function wishOf({ unsubscribed, subscribed }) {
  if (unsubscribed !== undefined) return !unsubscribed;
  return subscribed;
}

async function onIdentify(event, settings) {
  const { email, unsubscribed, subscribed, ...fields } = event.traits ?? {};
  const wish = wishOf({ unsubscribed, subscribed });
  const body = { fields };

  if (email) body.email = email;
  if (wish !== undefined) body.status = wish ? 'subscribed' : 'unsubscribed';
  await call('PUT', pathOf(event), body, settings);
}

// A company is a list that its people are on.
async function onGroup(event, settings) {
  const { name = event.groupId } = event.traits ?? {};

  await call('PUT', `/lists/${encodeURIComponent(event.groupId)}`, { name }, settings);
  await call('POST', `${pathOf(event)}/lists`, { list: event.groupId }, settings);
}

async function onTrack(event, settings) {
  if (event.event !== 'Email Unsubscribed') throw new EventNotSupported(`${event.event} has no effect here`);
  await call('PUT', pathOf(event), { status: 'unsubscribed' }, settings);
}

async function onDelete(event, settings) {
  await call('DELETE', pathOf(event), undefined, settings);
}
