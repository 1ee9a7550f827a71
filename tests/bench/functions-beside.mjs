// SPDX-License-Identifier: MIT
// The same handler where others would run it; prints {"events", "cpu_us"} of SECONDS, of
// functions-handler.js or another HANDLER, which may use lodash as _:
//   node functions-beside.mjs node SECONDS [HANDLER]    in the program itself, nothing between
//   node functions-beside.mjs sync SECONDS [HANDLER]    isolated-vm, one isolate, waits for each
//   node functions-beside.mjs async SECONDS [HANDLER]   isolated-vm, one isolate, 64 under way
// All take an event's text and give a result's text, as a service would have to.

import fs from 'node:fs';
import { createRequire } from 'node:module';

import { eventText, settings } from './functions-event.mjs';

const [kind, seconds, handler = 'functions-handler.js'] = process.argv.slice(2);
const code = fs.readFileSync(new URL(handler, import.meta.url), 'utf8');
const library = fs.readFileSync(createRequire(import.meta.url).resolve('lodash'), 'utf8');
const timeout = 5000; // a service has to have one
const warmMs = Math.min(2000, Number(seconds) * 1000);
const awaits = {
  node: runNode,
  sync: runSync,
  async: runAsync,
};

function runNode() {
  const onTrack = new Function('_', `${code}; return onTrack`)(createRequire(import.meta.url)('lodash'));

  return async (text) => JSON.stringify(await onTrack(JSON.parse(text), settings));
}

async function isolate(source) {
  const { default: ivm } = await import('isolated-vm');
  const context = await new ivm.Isolate({ memoryLimit: 128 }).createContext();

  await context.global.set('settings', JSON.stringify(settings));
  await context.eval(library);
  await context.eval(`const given = JSON.parse(settings); ${source}`);
  return context.global.get('run', { reference: true });
}

// Without awaiting inside, which it cannot do: so much is in its favour.
async function runSync() {
  const run = await isolate(`${code.replace('async function', 'function')}
    run = (text) => JSON.stringify(onTrack(JSON.parse(text), given))`);

  return (text) => run.applySync(undefined, [text], { timeout });
}

async function runAsync() {
  const run = await isolate(`${code} run = async (text) => JSON.stringify(await onTrack(JSON.parse(text), given))`);

  return (text) => run.apply(undefined, [text], { timeout, result: { promise: true } });
}

async function repeat(run, texts, untilMs, abreast) {
  let events = 0;

  async function one() {
    while (Date.now() < untilMs) {
      for (let i = 0; i < 50; i++) await run(texts[events++ % texts.length]);
    }
  }
  await Promise.all(Array.from({ length: abreast }, one));
  return events;
}

const run = await awaits[kind]();
const texts = Array.from({ length: 1000 }, (_, n) => eventText(n));
const abreast = kind === 'async' ? 64 : 1;

await repeat(run, texts, Date.now() + warmMs, abreast); // warm
const before = process.cpuUsage();
const events = await repeat(run, texts, Date.now() + Number(seconds) * 1000, abreast);
const { user, system } = process.cpuUsage(before);

console.log(JSON.stringify({ events, cpu_us: (user + system) / events }));
process.exit(0);
