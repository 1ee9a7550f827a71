// SPDX-License-Identifier: MIT
// The words of the query language (docs/reference/queries.md), to complete what is typed.

import { keep, kept } from '../kept';

export interface Prefix { name: string; means: string; values?: string[] }

export const prefixes: Prefix[] = [
  { name: 'is:', means: 'state of the delivery', values: ['dead', 'retrying', 'delivered', 'discarded', 'filtered', 'queued', 'running'] },
  { name: 'type:', means: 'kind of event', values: ['track', 'identify', 'page', 'screen', 'group', 'alias', 'delete'] },
  { name: 'event:', means: 'name of the event' },
  { name: 'user:', means: 'user or anonymous id' },
  { name: 'anon:', means: 'anonymous id' },
  { name: 'sub:', means: 'subscription' },
  { name: 'fn:', means: 'function that ran last' },
  { name: 'status:', means: 'answer of the endpoint', values: ['5xx', '4xx', '2xx', '401', '404', '429', '503', 'timeout', 'refused', 'dns', 'tls', 'egress'] },
  { name: 'error:', means: 'name of the last error', values: ['RetryError', 'EventNotSupported', 'ValidationError', 'InvalidEventPayload', 'DropEvent'] },
  { name: 'after:', means: 'not older than', values: ['15m', '1h', '24h', '7d'] },
  { name: 'before:', means: 'older than', values: ['1h', '24h', '7d'] },
  { name: 'attempts:', means: 'how many attempts', values: ['>1', '>3'] },
  { name: 'latency:', means: 'how long the last attempt took', values: ['>500ms', '>1s', '>5s'] },
  { name: 'size:', means: 'size of the payload', values: ['>32k'] },
  { name: 'has:', means: 'what there is', values: ['log'] },
  { name: 'key:', means: 'key of a customer' },
  { name: 'install:', means: 'install it came by' },
  { name: 'source:', means: 'source of the install' },
  { name: 'id:', means: 'event or delivery' },
  { name: 'message:', means: 'Segment\'s message id' },
  { name: 'replay:', means: 'made by a replay' },
  { name: 'properties.', means: 'a value in the payload: properties.plan:pro' },
  { name: 'traits.', means: 'a value in the payload' },
  { name: 'context.', means: 'a value in the payload' },
  { name: 'integrations.', means: 'a value in the payload' },
  { name: 'payload.', means: 'a value, from the payload\'s top' },
];

// Words with a blank between them; quotes hold together.
export const termsOf = (q: string): string[] => q.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];

export const without = (q: string, term: string): string => termsOf(q).filter((one) => one !== term).join(' ');

export function withTerm(q: string, term: string): string {
  const name = term.slice(0, term.indexOf(':') + 1);

  return [...termsOf(q).filter((one) => !one.startsWith(name)), term].join(' ');
}

// In quotes where the language needs them.
const valueOf = (text: string): string => (/^[^\s"()]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`);

export interface Suggestion { text: string; means: string }

const MOST = 14;

// What is typed last is completed; @known are values that this server has, by prefix.
export function suggestionsFor(q: string, known: Record<string, string[]> = {}): Suggestion[] {
  const last = /(?:[^\s"]|"[^"]*"?)*$/.exec(q)?.[0] ?? '';
  const before = q.slice(0, q.length - last.length);
  const sign = last.startsWith('-') ? '-' : '';
  const word = last.slice(sign.length).toLowerCase();
  const found: Suggestion[] = [];

  if (q.trim() === '') return [...recent().map((text) => ({ text, means: 'searched before' })), ...prefixes.map(({ name, means }) => ({ text: name, means }))].slice(0, RECENT);
  for (const { name, means, values = [] } of prefixes) {
    if (word.startsWith(name)) {
      const wanted = word.slice(name.length).replace(/^"/, '');

      for (const value of [...known[name] ?? [], ...values])
        if (value.toLowerCase().includes(wanted) && value.toLowerCase() !== wanted) found.push({ text: `${before}${sign}${name}${valueOf(value)}`, means: '' });
    }
    if (name.startsWith(word) && name !== word) found.push({ text: `${before}${sign}${name}`, means });
  }
  return found.slice(0, MOST);
}

// How many letters have to be changed, added or dropped to make @b of @a.
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);

  for (let i = 1; i <= a.length; i++) {
    const next = [i];

    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}

// A term whose field does not exist, and which was perhaps meant; the server would refuse it.
export function mistakeIn(q: string): string | null {
  for (const term of termsOf(q)) {
    const field = /^-?([a-z_]+):(?!\/\/)/i.exec(term)?.[1]?.toLowerCase();

    if (field === undefined || prefixes.some(({ name }) => name === `${field}:`)) continue;
    const [nearest] = prefixes.filter(({ name }) => name.endsWith(':')).map(({ name }) => ({ name, far: distance(field, name.slice(0, -1)) })).sort((a, b) => a.far - b.far);

    return `There is no field ${field}:${nearest && nearest.far <= 2 ? ` – did you mean ${nearest.name}?` : ''}`;
  }
  return null;
}

const RECENT = 20;

function listIn(name: string): string[] {
  try {
    const list: unknown = JSON.parse(kept(name) ?? '[]');

    return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export const recent = (): string[] => listIn('searches');
export const saved = (): string[] => listIn('saved');

export function remember(q: string): void {
  if (q !== '') keep('searches', JSON.stringify([q, ...recent().filter((one) => one !== q)].slice(0, RECENT)));
}

export function setSaved(q: string, isSaved: boolean): void {
  keep('saved', JSON.stringify([...saved().filter((one) => one !== q), ...(isSaved ? [q] : [])].slice(-RECENT)));
}
