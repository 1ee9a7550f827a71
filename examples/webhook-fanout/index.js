// Sends every event to several webhooks, signed as https://www.standardwebhooks.com says.
//
//   settings.endpoints  a map of URL → secret ("whsec_…")
//   settings.endpoint, settings.apiKey   the one to use when there is no map

function endpointsOf({ endpoints, endpoint, apiKey }) {
  const all = Object.entries(endpoints ?? { [endpoint]: apiKey });

  if (all.length === 0 || all.some(([, secret]) => !secret))
    throw new ValidationError('The setting "endpoints" wants a secret for each URL');
  return all;
}

function headersFor(secret, id, body) {
  const timestamp = Math.floor(Date.now() / 1000);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = crypto.createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');

  return {
    'Content-Type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${mac}`,
  };
}

async function send(url, secret, id, body) {
  const response = await fetch(url, { method: 'POST', headers: headersFor(secret, id, body), body });

  // 410: its owner has switched it off; that is an end, not a failure.
  if (!response.ok && response.status !== 410) throw new Error(`${url} answered ${response.status}`);
  return response.status;
}

// One that fails does not keep the event from the others. On the next attempt all get it
// again: those that have it know by the webhook-id, which is the same each time.
async function fanOut(event, settings) {
  const body = JSON.stringify({ type: `segment.${event.type}`, timestamp: event.timestamp, data: event });
  const ends = await Promise.allSettled(endpointsOf(settings)
    .map(([url, secret]) => send(url, secret, event.messageId ?? 'no-id', body)));
  const failures = ends.filter(({ status }) => status === 'rejected');

  for (const { reason } of failures) console.warn(reason.message);
  if (failures.length > 0) throw new RetryError(`${failures.length} of ${ends.length} webhooks failed`);
  return ends.length;
}

async function onIdentify(event, settings) {
  return fanOut(event, settings);
}

async function onTrack(event, settings) {
  return fanOut(event, settings);
}

async function onPage(event, settings) {
  return fanOut(event, settings);
}

async function onScreen(event, settings) {
  return fanOut(event, settings);
}

async function onGroup(event, settings) {
  return fanOut(event, settings);
}

async function onAlias(event, settings) {
  return fanOut(event, settings);
}

async function onDelete(event, settings) {
  return fanOut(event, settings);
}
