// SPDX-License-Identifier: MIT
// The same function and the same events in `fn run`, in the service and as a lambda: what
// comes out is the same, byte for byte.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { Chance } from './lib/chance.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { run } from './lib/program.mjs';
import { Lambda, RuntimeApi } from './lib/runtime-api.mjs';
import { Service, terminalStates } from './lib/service.mjs';
import { request } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

const COUNT = 200;
const AT_ONCE = 4;

const code = `
function answer(event) {
  const wish = event.properties || event.traits || {};

  switch (wish.wish) {
    case 'throw': { const error = new Error(wish.words); error.name = wish.name; throw error; }
    case 'class': throw new ValidationError(wish.words);
    case 'later': throw new RetryError(wish.words);
    case 'text': throw wish.words;
    case 'nothing': return undefined;
    case 'null': return null;
    case 'numbers': return [1e21, -0, 1 / 3, NaN, 5e-324, 2 ** 53, wish.number, new Date(0), undefined];
    case 'keys': return { b: 1, a: 2, 10: 3, 2: 4, ['k' + wish.words]: wish.words, skipped: undefined };
    default: return { kind: event.type, got: event, length: JSON.stringify(event).length };
  }
}
async function onTrack(event) { return answer(event); }
async function onIdentify(event) { return answer(event); }
async function onPage(event) { return answer(event); }
async function onGroup(event) { return answer(event); }
async function onAlias(event) { return answer(event); }
`; // and neither onScreen nor onDelete

const words = ['plain', 'ümläut', '日本語', '👩‍👩‍👧', 'quote " and \\ back', 'line\nbreak\ttab', '\u2028\u2029', '\u0000\u001f', '</script>', ''];
const numbers = ['1e21', '-0', '0', '1E-7', '123456789012345678901', '0.1', '1.0', '5e-324', '-1.5e300', '9007199254740993'];
const wishes = ['', '', '', '', 'throw', 'class', 'later', 'text', 'nothing', 'null', 'numbers', 'keys'];
const kinds = ['track', 'track', 'track', 'identify', 'page', 'group', 'alias', 'screen', 'delete', 'unheard-of'];

// JSON as text, so that numbers keep their spelling.
function valueText(chance, depth) {
  const kind = chance.below(depth > 0 ? 7 : 4);

  if (kind === 0) return chance.of(numbers);
  if (kind === 1) return chance.of(['true', 'false', 'null']);
  if (kind < 4) return JSON.stringify(chance.of(words));
  const parts = Array.from({ length: chance.below(4) }, (_, i) =>
    `${kind === 4 ? '' : `${JSON.stringify(chance.of(words) + i)}: `}${valueText(chance, depth - 1)}`);

  return kind === 4 ? `[${parts.join(', ')}]` : `{ ${parts.join(' ,')} }`;
}

function eventText(index) {
  const chance = new Chance(index);
  const type = kinds[index % kinds.length];
  const members = [
    `"wish": ${JSON.stringify(chance.of(wishes))}`,
    // A message with a NUL ends there in `fn run` and the service.
    `"words": ${JSON.stringify(chance.of(words).replaceAll('\0', ''))}`,
    `"name": ${JSON.stringify(chance.of(['TypeError', 'InvalidEventPayload', 'Mine', 'DropEvent']))}`,
    `"number": ${chance.of(numbers)}`,
    `"deep": ${'['.repeat(index % 30)}${valueText(chance, 6)}${']'.repeat(index % 30)}`,
  ];
  const own = { track: '"event": "Signed Up", ', group: '"groupId": "g1", ', alias: '"previousId": "p1", ' }[type] ?? '';

  return `{ "type": "${type}", ${own}"userId": "u${index}", "messageId": "same-${index}", ` +
    `"${type === 'identify' || type === 'group' ? 'traits' : 'properties'}": { ${members.join(', ')} } }`;
}

// The text of the JSON value that begins at @at.
function valueAt(text, at) {
  let depth = 0;
  let end = at;

  do {
    if (text[end] === '"') {
      for (end++; text[end] !== '"'; end++) if (text[end] === '\\') end++;
      end++;
    } else if ('[{'.includes(text[end])) {
      depth++;
      end++;
    } else if (']}'.includes(text[end])) {
      depth--;
      end++;
    } else if (depth === 0) {
      while (end < text.length && !',]}'.includes(text[end])) end++;
    } else {
      end++;
    }
  } while (depth > 0);
  return text.slice(at, end);
}

// The raw text of the first "result" after @mark, and the error beside it.
function outcomeIn(text, mark, error) {
  const begin = text.indexOf('"result":', text.indexOf(mark));

  // What is thrown and is no Error has no name in `fn run`.
  return { result: valueAt(text, begin + '"result":'.length), name: error?.name === '' ? 'Error' : error?.name,
    message: error?.message };
}

async function inFnRun(folder, text, index) {
  const file = path.join(folder, `event-${index}.json`);

  writeFiles(folder, { [`event-${index}.json`]: text });
  const { stdout, stderr } = await run(['fn', 'run', 'same', '--event', file, '--json'], { cwd: folder });

  assert.notEqual(stdout, '', stderr);
  return outcomeIn(stdout, '"outcome":', JSON.parse(stdout).error);
}

async function inService(service, text) {
  const { status, json, text: said } = await service.post(text);

  if (status === 501) return { result: 'null', name: 'EventNotSupported', message: json.message };
  assert.ok(status === 202 || status === 200, said);
  return until('the event is settled', async () => {
    const answer = await request(`${service.admin}/api/v1/events/${json.ids[0]}`,
      { headers: { Authorization: `Bearer ${service.token()}` } });
    const [delivery] = answer.json.deliveries;

    return terminalStates.includes(delivery?.state) &&
      outcomeIn(answer.text, '"attempts":', delivery.attempts[0].error);
  }, { every: 20 });
}

// What a RetryError's message keeps of the name is how the others name it.
async function inLambda(api, text) {
  const { ok, result, error } = await api.invoke(text);

  if (ok) return { result: result.toString(), name: undefined, message: undefined };
  return { result: 'null', name: error.errorType, message: error.errorMessage };
}

async function inParallel(count, atOnce, work) {
  const results = [];
  let next = 0;

  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) {
      const index = next++;

      results[index] = await work(index);
    }
  }));
  return results;
}

test(`the same ${COUNT} events give the same bytes in fn run, in the service and in the lambda`, async (t) => {
  const folder = temporaryFolder(t);
  const files = { 'functions/same/index.js': code };
  const texts = Array.from({ length: COUNT }, (_, index) => eventText(index));
  const service = await Service.start(t, { files,
    subscription: { function: 'functions/same/index.js', auth: 'none', retry: { attempts: 1, over: '1s' } } });
  const api = await RuntimeApi.start(t);

  writeFiles(folder, files);
  Lambda.start(t, api, ['lambda', 'run', 'same'], { cwd: folder });
  const lambda = await inParallel(COUNT, 1, (index) => inLambda(api, texts[index]));
  const served = await inParallel(COUNT, AT_ONCE, (index) => inService(service, texts[index]));
  const played = await inParallel(COUNT, AT_ONCE, (index) => inFnRun(folder, texts[index], index));
  const seen = { good: 0, failed: 0 };

  for (let index = 0; index < COUNT; index++) {
    seen[lambda[index].name === undefined ? 'good' : 'failed']++;
    assert.deepEqual(lambda[index], played[index], `as in fn run: ${texts[index]}`);
    assert.deepEqual(lambda[index], served[index], `as in the service: ${texts[index]}`);
  }
  t.diagnostic(`${seen.good} results, ${seen.failed} errors`);
  assert.ok(seen.good > 50 && seen.failed > 50);
  assert.deepEqual(api.violations, []);
});
