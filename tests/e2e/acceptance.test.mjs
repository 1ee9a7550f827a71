// SPDX-License-Identifier: MIT
// The 26 acceptance cases of a webhook receiver for Segment, each as a named test, against
// one `serve` with one subscription per way of proving who one is.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { basic } from './lib/http.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const echoFunction = `
async function forward(event, settings) {
  const answer = await fetch(settings.endpoint, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ messageId: event.messageId, event, settings }),
  })
  if (answer.status >= 500) throw new RetryError('endpoint answered ' + answer.status)
}
async function onTrack(event, settings) { await forward(event, settings) }
`;

let service;
let endpoint;

before(async () => {
  endpoint = await Endpoint.start();
  const signed = (name, secret) =>
    ({ name, path: `/webhook/${name}`, auth: 'signature', secret, endpoint: endpoint.url });

  service = await Service.start(null, {
    files: { 'functions/echo.js': echoFunction },
    config: {
      privacy: { erase_on_delete: true },
      subscriptions: [
        { name: 'default', endpoint: endpoint.url },
        { name: 'echo', function: 'functions/echo.js', settings: { endpoint: endpoint.url } },
        signed('abc123', 'abc123'),
        signed('s3cret', 's3cret'),
      ],
    },
  });
  await service.createKey({ value: 'segment' });
  await service.createKey({ value: 'a:b' });
  await service.createKey({ value: 'elsewhere', subscriptions: ['echo'] });
});

after(async () => {
  await service?.kill();
  await endpoint?.stop();
});

const post = (body, options = {}) => service.post(body, { key: 'segment', ...options });
const postAuthorized = (authorization, body = track()) =>
  service.post(body, { headers: { Authorization: authorization } });
const base64 = (text) => Buffer.from(text).toString('base64');
const mac = (secret, text) => createHmac('sha1', secret).update(text).digest('hex');

async function stored() {
  const { accepted, duplicates } = await service.counters();

  return accepted + duplicates;
}

// The request is refused with @status and a JSON message, and nothing is stored.
async function refused(status, send, message) {
  const earlier = await stored();
  const answer = await send();

  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.equal(typeof answer.json.message, 'string');
  if (message) assert.match(answer.json.message, message);
  assert.equal(await stored(), earlier, 'nothing is stored');
  return answer;
}

function accepted(answer) {
  assert.ok([200, 202].includes(answer.status), `${answer.status} ${answer.text}`);
  return answer.json;
}

// A signed request; the secret is also the name of its subscription.
function postSigned(secret, body, signature) {
  return service.post(body, {
    path: `/webhook/${secret}`, headers: { 'X-Signature': signature },
  });
}

// The vectors of the protocol are no events. A good signature gets them as far as that.
async function signatureHolds(secret, body, signature) {
  const answer = await postSigned(secret, body, signature);

  assert.equal(answer.status, 400, `${answer.status} ${answer.text}`);
  assert.match(answer.json.message, /type/i);
}

test('case 01: the key "segment" and a valid track are accepted', async () => {
  const started = Date.now();

  accepted(await postAuthorized('Basic c2VnbWVudDo='));
  assert.ok(Date.now() - started < 5000);
});

test('case 02: without Authorization: 401, a message, nothing stored', async () => {
  const answer = await refused(401, () => service.post(track()));

  assert.match(answer.headers['www-authenticate'], /^Basic realm=/);
});

test('case 03: a key without its colon: 401', () =>
  refused(401, () => postAuthorized('Basic c2VnbWVudA==')));

test('case 04: a key with a colon inside works, and only with the last one', async () => {
  accepted(await postAuthorized(`Basic ${base64('a:b:')}`));
  await refused(401, () => postAuthorized(`Basic ${base64('a:b')}`));
});

test('case 05: a known key without permission: 403', () =>
  refused(403, () => post(track(), { key: 'elsewhere' })));

test('case 06: a body that is cut off: 400', () =>
  refused(400, () => post('{"type":')));

test('case 07: an unknown type: 501', () =>
  refused(501, () => post({ type: 'video', userId: 'u' }), /video not supported/));

test('case 08: identify without any id: 400 names the field', () =>
  refused(400, () => post({ type: 'identify', traits: {} }), /userId|anonymousId/));

test('case 09: GET: 405 with Allow: POST', async () => {
  const answer = await refused(405, () => post(undefined, { method: 'GET' }));

  assert.equal(answer.headers.allow, 'POST');
});

test('case 10: text/xml: 415; JSON with a charset, or without a type, is accepted', async () => {
  const send = (type) => post(track(), { headers: { 'Content-Type': type } });

  await refused(415, () => send('text/xml'));
  accepted(await send('application/json; charset=utf-8'));
  accepted(await send(undefined));
});

test('case 11: the handler sees the custom settings', async () => {
  const event = track();
  const settings = 'eyJjdXN0b21TZXR0aW5nT25lIjoiY3VzdG9tIHNldHRpbmcgdmFsdWUifQ==';

  accepted(await post(event, { path: '/webhook/echo', headers: { 'X-Segment-Settings': settings } }));
  const got = await until('the function sent its request', () =>
    endpoint.requests.find(({ body }) => body.includes(event.messageId)));

  assert.equal(JSON.parse(got.body).settings.customSettingOne, 'custom setting value');
});

test('case 12: settings that are no base64: 400', () =>
  refused(400, () => post(track(), { headers: { 'X-Segment-Settings': '!!!' } }),
    /X-Segment-Settings/));

test('case 13: queue full: 503; sent again later it is stored once', async (t) => {
  const slow = await Endpoint.start(t, 'hang');
  const small = await Service.start(t, {
    config: { limits: { queue: 3 } },
    subscription: { endpoint: slow.url, timeout: '500ms', concurrency: 1, retry: { attempts: 5, over: '5s' } },
  });
  let refusedEvent;

  await small.createKey({ value: 'segment' });
  for (let i = 0; i < 20 && !refusedEvent; i++) {
    const event = track();
    const answer = await small.post(event, { key: 'segment' });

    if (answer.status === 503) {
      assert.ok(Number(answer.headers['retry-after']) > 0, 'Retry-After is there');
      refusedEvent = event;
    }
  }
  assert.ok(refusedEvent, 'the queue became full');
  slow.mood(200);
  const answer = await until('there is room again', async () => {
    const again = await small.post(refusedEvent, { key: 'segment' });

    return again.status !== 503 && again;
  });

  accepted(answer);
  await small.settled(answer.json.ids[0]);
  assert.equal((await small.events(`message:${refusedEvent.messageId}`)).length, 1);
});

test('case 14: any version of the event is accepted', async () => {
  for (const version of [2, 1, '1.1']) accepted(await post(track({ version })));
});

test('case 15: keys with spaces are understood', async () => {
  const { ids } = accepted(await post('{"Previous ID":"a","User ID":"b","type":"alias"}'));
  const event = await service.api(`/events/${ids[0]}`);

  assert.equal(event.type, 'alias');
  assert.equal(event.user_id, 'b');
  assert.equal(event.payload.previousId ?? event.payload['Previous ID'], 'a');
});

test('case 16: delete, as documented, removes what is held for the user', async () => {
  const { ids } = accepted(await post(track({ userId: '5678', properties: { secret: 'of 5678' } })));

  await service.settled(ids[0]);
  accepted(await post({
    type: 'delete', channel: 'server', messageId: 'delete-022bb90c-bbac-11e4-8dfc-aa07a5b093db',
    projectId: 'abcd123', userId: '5678', context: [], integrations: [],
    receivedAt: '2019-02-19T23:58:54.387Z', sentAt: '2019-02-19T21:58:54.387Z',
    originalTimestamp: '2019-02-19T23:58:54.387Z', timestamp: '2019-02-19T23:58:54.387Z',
  }));
  await until('the payload is erased', async () =>
    !JSON.stringify(await service.api(`/events/${ids[0]}`)).includes('of 5678'));
});

test('case 17: delete with null context and a Go time is accepted', async () => {
  accepted(await post({
    type: 'delete', userId: '77', context: null, integrations: null,
    messageId: 'delete-reg-6543321::job-2-P0OJ3CTID1',
    originalTimestamp: '2020-05-09 23:54:49.209808489 +0000 UTC m=+70366.298768264',
  }));
});

test('case 18: the short delete is accepted, twice', async () => {
  const short = { type: 'delete', userId: '019mr8mf4r', timestamp: '2012-12-02T00:30:08.276Z' };

  accepted(await post(short));
  accepted(await post(short));
});

test('case 19: the same message twice is stored once', async () => {
  const event = track();
  const first = accepted(await post(event));
  const second = accepted(await post(event));

  assert.deepEqual([first.accepted, first.duplicates], [1, 0]);
  assert.deepEqual([second.accepted, second.duplicates], [0, 1]);
  assert.deepEqual(second.ids, first.ids);
  assert.equal((await service.events(`message:${event.messageId}`)).length, 1);
});

test('case 20: 32 KB are accepted; a body above the limit: 413', async () => {
  const sized = (bytes) => {
    const event = track({ properties: { text: '' } });

    event.properties.text = 'x'.repeat(bytes - JSON.stringify(event).length);
    return event;
  };

  accepted(await post(sized(32 * 1024)));
  await refused(413, () => post(sized(6 * 1024 * 1024)));
});

test('case 21: too deep, a NUL, a lone surrogate: stored or 400, and no crash', async () => {
  const nested = `{"type":"track","event":"e","userId":"u","properties":${'['.repeat(513)}${']'.repeat(513)}}`;

  await refused(400, () => post(nested));
  for (const text of ['\\u0000', '\\ud800', '\\udc00\\ud800']) {
    const answer = await post(`{"type":"track","event":"e${text}","userId":"u${text}"}`);

    assert.ok([200, 202, 400].includes(answer.status), `${text}: ${answer.status}`);
  }
  accepted(await post(track()));
});

test('case 22: the signature of the bytes is accepted; one digit off: 401', async () => {
  const vector = '5099cab379b3be52908387457007040cc934ef86';
  const event = JSON.stringify(track());

  await signatureHolds('abc123', '{"cool":true}', vector);
  await refused(401, () => postSigned('abc123', '{"cool":true}', vector.replace('5', '6')));
  accepted(await postSigned('abc123', event, mac('abc123', event)));
});

test('case 23: of an array the first element is signed, never the whole', async () => {
  const array = '[{"cool":false},{"cool":true}]';
  const first = JSON.stringify(track());
  const batch = `[${first},${JSON.stringify(track())}]`;

  await refused(400, () => postSigned('abc123', array, 'c702b94a2569dd8d2f7185ce0ae951021bef4706'));
  await refused(401, () => postSigned('abc123', array, '685cf04ec172d3adcac0b8f25c923bb4d56ed1eb'));
  const { accepted: n } = accepted(await postSigned('abc123', batch, mac('abc123', first)));

  assert.equal(n, 2);
  await refused(401, () => postSigned('abc123', batch, mac('abc123', batch)));
});

test('case 24: a body that was indented on its way still verifies', async () => {
  const body = '{\n  "b": 1.0,\n  "2": "x",\n  "1": "y",\n  "u": "\\u2028\\/é"\n}\n';
  const event = track();

  await signatureHolds('s3cret', body, 'a6cd51ce8390d5fe8a50616406e3c1cb52894613');
  accepted(await postSigned('s3cret', JSON.stringify(event, null, 4),
    mac('s3cret', JSON.stringify(event))));
});

test('case 25: a secret is set and there is no signature, or an empty array: 401', async () => {
  await refused(401, () => postSigned('abc123', JSON.stringify(track()), undefined));
  await refused(401, () => postSigned('abc123', '[]', mac('abc123', '[]')));
});

test('case 26: a signature in upper case is accepted', async () => {
  const event = JSON.stringify(track());

  accepted(await postSigned('abc123', event, mac('abc123', event).toUpperCase()));
});

test('the header names of a request may have any case', async () => {
  accepted(await service.post(track(), { headers: { AUTHORIZATION: basic('segment') } }));
});
