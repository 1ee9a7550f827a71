// Adds what a company directory knows to each identify call, and passes it on.
//
//   settings.endpoint   where enriched events go
//   settings.directory  the directory's API (default below)
//   settings.apiKey     the directory's token

const DIRECTORY = 'https://companies.example.com/v1';
const LOOKUP_MS = 1500; // of the 5 s that a function has, leave enough for the delivery
const KEEP_MS = 60 * 60 * 1000;
const FREE_MAIL = ['gmail.com', 'outlook.com', 'yahoo.com', 'icloud.com'];

// fetch with a limit of its own. Too late and nobody there are the same to us: RetryError.
async function fetchWithin(ms, url, init) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);

  try {
    return await fetch(url, { ...init, signal: abort.signal });
  } catch (error) {
    throw new RetryError(error.name === 'AbortError' ? `no answer in ${ms} ms: ${url}` : error.message);
  } finally {
    clearTimeout(timer); // a timer that is left running keeps the function running
  }
}

// null: the directory does not know it. That is an answer, and is remembered as well;
// what throws is not remembered.
async function lookUp(domain, settings) {
  const url = `${settings.directory ?? DIRECTORY}/companies/${encodeURIComponent(domain)}`;
  const response = await fetchWithin(LOOKUP_MS, url, {
    headers: { Authorization: `Bearer ${settings.apiKey}` },
  });

  if (response.status === 404) return null;
  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`the directory answered ${response.status}`);
  if (!response.ok) throw new Error(`the directory answered ${response.status}`);
  const { name, industry, employees } = await response.json();

  return { name, industry, employees };
}

function domainOf(email) {
  const domain = String(email ?? '').split('@')[1]?.toLowerCase();

  return FREE_MAIL.includes(domain) ? undefined : domain;
}

async function onIdentify(event, settings) {
  const domain = domainOf(event.traits?.email);
  // Customers may have bought different directories, so the key has their token in it.
  const company = domain && await cache.load(`${settings.apiKey}:${domain}`, KEEP_MS,
    () => lookUp(domain, settings));
  const traits = company ? { ...event.traits, company: { ...company, ...event.traits.company } } : event.traits;
  const response = await fetchWithin(2500, settings.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...event, traits }),
  });

  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`the endpoint answered ${response.status}`);
  if (!response.ok) throw new Error(`the endpoint answered ${response.status}`);
}
