// Archives events in an S3 bucket: gzip, one JSON object a line, an object for each batch.
//
//   settings.bucket, settings.region
//   settings.accessKeyId, settings.secretAccessKey
//   settings.prefix    of the objects' names (default "events")
//   settings.host      optional: another S3, as https://HOST

const { gzipSync } = zlib.zlib ?? zlib; // Segment has Node's module as zlib.zlib

const sha256 = (data) => crypto.createHash('sha256').update(data).digest('hex');
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest();

function check(settings) {
  for (const name of ['bucket', 'region', 'accessKeyId', 'secretAccessKey'])
    if (!settings[name]) throw new ValidationError(`The setting "${name}" is missing`);
}

// AWS Signature Version 4 of a PUT: the headers to send.
function sign(url, body, settings, now = new Date()) {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, ''); // 20190531T232737Z
  const scope = `${time.slice(0, 8)}/${settings.region}/s3/aws4_request`;
  const headers = { host: url.host, 'x-amz-content-sha256': sha256(body), 'x-amz-date': time };
  const names = Object.keys(headers).join(';'); // they have to be in alphabetical order
  const canonical = ['PUT', url.pathname, '',
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`), '',
    names, headers['x-amz-content-sha256']].join('\n');
  const key = scope.split('/').reduce(hmac, `AWS4${settings.secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const { host, ...sent } = headers; // fetch sends this one by itself

  return {
    ...sent,
    Authorization: `AWS4-HMAC-SHA256 Credential=${settings.accessKeyId}/${scope}, ` +
      `SignedHeaders=${names}, Signature=${signature}`,
  };
}

// By the hour of the first event, so that one finds it; and by what is in it, so that
// another attempt at the same batch replaces the object instead of adding one.
function urlOf(events, settings) {
  const hour = new Date(events[0].receivedAt ?? events[0].timestamp).toISOString().slice(0, 13);
  const id = sha256(events.map((event) => event.messageId).join('\n')).slice(0, 32);
  const host = settings.host ? `${settings.host}/${settings.bucket}`
    : `https://${settings.bucket}.s3.${settings.region}.amazonaws.com`;

  return new URL(`${host}/${settings.prefix ?? 'events'}/${hour.replace('T', '/')}/${id}.ndjson.gz`);
}

async function onBatch(events, settings) {
  check(settings);
  const body = gzipSync(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const url = urlOf(events, settings);
  const response = await fetch(url.href, {
    method: 'PUT', headers: { ...sign(url, body, settings), 'Content-Type': 'application/gzip' }, body,
  }).catch((error) => {
    throw new RetryError(error.message);
  });

  if (response.status === 429 || response.status >= 500)
    throw new RetryError(`S3 answered ${response.status}`);
  // 403 is most often a key that was revoked or a clock that is wrong: worth a replay.
  if (!response.ok) throw new Error(`S3 answered ${response.status}: ${await response.text()}`);
}

async function onTrack(event, settings) {
  return onBatch([event], settings);
}

async function onIdentify(event, settings) {
  return onBatch([event], settings);
}

async function onPage(event, settings) {
  return onBatch([event], settings);
}

async function onScreen(event, settings) {
  return onBatch([event], settings);
}

async function onGroup(event, settings) {
  return onBatch([event], settings);
}
