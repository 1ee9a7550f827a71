// Keeps user profiles, and forgets a user when Segment says so (a GDPR or CCPA request).
// Segment approves a partner only with deletes that work.
//
//   settings.endpoint  the API: PUT and DELETE /users/ID
//   settings.apiKey    its token

async function call(method, userId, body, settings) {
  const response = await fetch(`${settings.endpoint}/users/${encodeURIComponent(userId)}`, {
    method,
    headers: { Authorization: `Bearer ${settings.apiKey}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  }).catch((error) => {
    throw new RetryError(error.message);
  });

  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`${method}: ${response.status}`);
  return response;
}

async function onIdentify(event, settings) {
  if (!event.userId) throw new EventNotSupported('Only known users have a profile');
  const response = await call('PUT', event.userId, { traits: event.traits ?? {} }, settings);

  if (!response.ok) throw new InvalidEventPayload(`the profile was refused: ${response.status}`);
}

// A delete has a userId and nothing that one can rely on besides: context and integrations
// may be [] or null, and the times may be in another form.
async function onDelete(event, settings) {
  const response = await call('DELETE', event.userId, undefined, settings);

  // Nobody of that name: Segment asks once for every source, so this is often the truth.
  if (response.status === 404) return 'unknown';
  // Never ValidationError here: the request would be discarded, and the user still known.
  // An untyped error is kept as a dead letter that somebody has to look at.
  if (!response.ok) throw new Error(`the user was not deleted: ${response.status}`);
  return 'deleted';
}
