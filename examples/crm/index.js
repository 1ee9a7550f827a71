// Keeps the contacts and companies of a CRM up to date.
//
//   settings.endpoint  the CRM's API, such as https://api.crm.example.com/v3
//   settings.apiKey    a token that does not expire, or these three:
//   settings.clientId, settings.clientSecret, settings.refreshToken

const CONTACT_FIELDS = {
  email: ['email'],
  firstname: ['firstName', 'first_name'],
  lastname: ['lastName', 'last_name'],
  phone: ['phone'],
  jobtitle: ['title'],
  website: ['website'],
};
const COMPANY_FIELDS = {
  name: ['name'],
  industry: ['industry'],
  headcount: ['employees'],
  plan: ['plan'],
};

// Traits under the CRM's names. What an event does not say is not sent, so that an old
// value in the CRM stays; null is sent, since it says "no longer known".
function fieldsOf(traits, names) {
  const fields = {};

  for (const [field, spellings] of Object.entries(names)) {
    const found = spellings.find((name) => traits?.[name] !== undefined);
    if (found) fields[field] = traits[found];
  }
  return fields;
}

async function request(url, init) {
  const response = await fetch(url, init).catch((error) => {
    throw new RetryError(error.message);
  });

  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`${init.method} ${url}: ${response.status}`);
  return response;
}

// One runner serves many customers, so what they must not share has their name in its key.
const tokenKey = (settings) => `token:${settings.endpoint}:${settings.clientId}`;

async function refreshToken(settings) {
  const response = await request(`${settings.endpoint}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ // sends the matching Content-Type by itself
      grant_type: 'refresh_token',
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      refresh_token: settings.refreshToken,
    }),
  });
  const { access_token: token } = response.ok ? await response.json() : {};

  if (!token) throw new ValidationError(`No token for this customer: ${response.status}`);
  return token;
}

async function tokenOf(settings) {
  if (settings.apiKey) return settings.apiKey;
  if (!settings.clientId) throw new ValidationError('The setting "apiKey" is missing');
  return cache.load(tokenKey(settings), 25 * 60 * 1000, () => refreshToken(settings));
}

async function call(method, path, body, settings) {
  const response = await request(settings.endpoint + path, {
    method,
    headers: {
      Authorization: `Bearer ${await tokenOf(settings)}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(body),
  });

  if (response.ok) return response.json();
  const reason = `${method} ${path}: ${response.status} ${await response.text()}`;

  if (response.status === 401 && !settings.apiKey) {
    await cache.delete(tokenKey(settings)); // it ended early: the next attempt gets another
    throw new RetryError(reason);
  }
  // Another event of this user has made the contact since we looked: next time we find it.
  if (response.status === 409) throw new RetryError(reason);
  if (response.status === 400 || response.status === 422) throw new InvalidEventPayload(reason);
  throw new Error(reason); // such as a revoked key: mend it, then replay the event
}

// This CRM has no "create or update" for contacts: search, then one or the other.
async function onIdentify(event, settings) {
  if (!event.userId) throw new EventNotSupported('Only known users become contacts');
  const fields = { ...fieldsOf(event.traits, CONTACT_FIELDS), external_id: event.userId };
  const filter = { property: 'external_id', value: event.userId };
  const { results: [contact] = [] } = await call('POST', '/contacts/search', { filter }, settings);

  if (contact) await call('PATCH', `/contacts/${contact.id}`, { fields }, settings);
  else await call('POST', '/contacts', { fields }, settings);
  return contact ? 'updated' : 'created';
}

// For companies it has: PUT under our own id, which may be repeated without harm.
async function onGroup(event, settings) {
  if (!event.groupId) throw new InvalidEventPayload('groupId is missing');
  const fields = fieldsOf(event.traits, COMPANY_FIELDS);
  const members = event.userId ? [event.userId] : [];

  await call('PUT', `/companies/${encodeURIComponent(event.groupId)}`, { fields, members }, settings);
}
