// Passes events on without what identifies a person.
//
//   settings.endpoint        where masked events go
//   settings.hashKey         optional: hashes are then HMACs that nobody else can make
//   settings.internalDomain  optional: events of people with such an address are dropped

const HASHED = ['email', 'phone'];
const REMOVED = ['name', 'firstName', 'first_name', 'lastName', 'last_name', 'address', 'birthday', 'ssn'];

// Spelling must not matter: the same address has to have the same hash everywhere.
function hash(value, settings) {
  const digest = settings.hashKey
    ? crypto.createHmac('sha256', settings.hashKey) : crypto.createHash('sha256');

  return digest.update(String(value).trim().toLowerCase()).digest('hex');
}

// A masked copy; the given object stays as it is. Traits that are absent stay absent.
function mask(traits, settings) {
  if (!traits) return undefined;
  const masked = { ...traits };

  for (const name of REMOVED) delete masked[name];
  for (const name of HASHED)
    if (masked[name]) masked[name] = hash(masked[name], settings);
  return masked;
}

function maskEvent(event, settings) {
  // context is [] or null in some events; either has none of these members.
  const { ip, userAgent, location, traits, ...context } = event.context ?? {};

  return {
    ...event,
    traits: mask(event.traits, settings),
    properties: mask(event.properties, settings),
    context: { ...context, traits: mask(traits, settings) },
  };
}

// DropEvent: nothing is wrong with the event, it just must not go further.
function dropUnwanted(event, settings) {
  const email = event.traits?.email ?? event.properties?.email ?? event.context?.traits?.email;

  if (event.context?.consent?.categoryPreferences?.advertising === false)
    throw new DropEvent('The user has not consented to advertising');
  if (settings.internalDomain && String(email).endsWith(`@${settings.internalDomain}`))
    throw new DropEvent('One of our own people');
}

async function forward(event, settings) {
  dropUnwanted(event, settings);
  const masked = maskEvent(event, settings);
  const response = await fetch(settings.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(masked),
  }).catch((error) => {
    throw new RetryError(error.message);
  });

  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`the endpoint answered ${response.status}`);
  if (!response.ok) throw new Error(`the endpoint answered ${response.status}`);
  return masked; // so that it is an insert function on Segment, too
}

async function onIdentify(event, settings) {
  return forward(event, settings);
}

async function onTrack(event, settings) {
  return forward(event, settings);
}

async function onPage(event, settings) {
  return forward(event, settings);
}

async function onScreen(event, settings) {
  return forward(event, settings);
}

async function onGroup(event, settings) {
  return forward(event, settings);
}
