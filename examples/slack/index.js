// Tells a Slack channel what users do.
//
//   settings.endpoint      the incoming webhook's URL (required)
//   settings.textTemplate  such as "${event.userId} chose ${event.properties.plan}"

const DEFAULT_TEMPLATE = '${event.type} ${event.event} by ${event.userId}';

// Slack reads these three as markup.
const escapeMarkup = (text) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

// The template is a customer's text: it is looked up, never evaluated. Only names and dots
// count, and only what an event itself has, so ${event.constructor} finds nothing.
function fill(template, values) {
  return template.replace(/\$\{\s*([\w.]+)\s*\}/g, (all, path) => {
    const value = path.split('.').reduce(
      (at, name) => (Object(at) === at && Object.hasOwn(at, name) ? at[name] : undefined), values);

    return escapeMarkup(String(value ?? '')); // what an event lacks is left empty
  });
}

async function post(message, settings) {
  if (!settings.endpoint) throw new ValidationError('The setting "endpoint" is missing');
  const response = await fetch(settings.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(message),
  }).catch((error) => {
    throw new RetryError(error.message);
  });

  if (response.ok) return;
  const reason = `Slack answered ${response.status}: ${await response.text()}`;

  // partnerapp reads Retry-After from the answer itself and waits at least that long.
  if (response.status === 429)
    throw new RetryError(`Slack asks to wait ${response.headers.get('Retry-After')} s`);
  if (response.status >= 500) throw new RetryError(reason);
  if (response.status === 400) throw new InvalidEventPayload(reason);
  throw new Error(reason); // the webhook is gone: somebody mends it and replays
}

async function onTrack(event, settings) {
  const text = fill(settings.textTemplate || DEFAULT_TEMPLATE, { event });
  const fields = Object.entries(event.properties ?? {}).slice(0, 10)
    .map(([name, value]) => ({ title: name, value: escapeMarkup(String(value)), short: true }));

  await post({ text, attachments: fields.length ? [{ fields }] : [] }, settings);
  return text;
}
