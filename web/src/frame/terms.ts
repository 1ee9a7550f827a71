// SPDX-License-Identifier: MIT
// The words of the query language (docs/reference/http-api.md), to complete what is typed.

import { keep, kept } from '../kept';

export interface Prefix { name: string; means: string; values?: string[] }

export const prefixes: Prefix[] = [
  { name: 'is:', means: 'state of the delivery', values: ['dead', 'retrying', 'delivered', 'discarded', 'queued', 'running'] },
  { name: 'type:', means: 'kind of event', values: ['track', 'identify', 'page', 'screen', 'group', 'alias', 'delete'] },
  { name: 'event:', means: 'name of the event' },
  { name: 'user:', means: 'user or anonymous id' },
  { name: 'sub:', means: 'subscription' },
  { name: 'key:', means: 'key of a customer' },
  { name: 'error:', means: 'name of the last error', values: ['RetryError', 'EventNotSupported', 'ValidationError', 'InvalidEventPayload'] },
  { name: 'after:', means: 'not older than', values: ['15m', '1h', '24h', '7d'] },
  { name: 'before:', means: 'older than', values: ['1h', '24h', '7d'] },
  { name: 'id:', means: 'event or delivery' },
  { name: 'message:', means: 'Segment\'s message id' },
  { name: 'replay:', means: 'made by a replay' },
];

// Words with a blank between them; quotes hold together.
export const termsOf = (q: string): string[] => q.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];

export const without = (q: string, term: string): string => termsOf(q).filter((one) => one !== term).join(' ');

export function withTerm(q: string, term: string): string {
  const name = term.slice(0, term.indexOf(':') + 1);

  return [...termsOf(q).filter((one) => !one.startsWith(name)), term].join(' ');
}

export interface Suggestion { text: string; means: string }

export function suggestionsFor(q: string): Suggestion[] {
  const last = /(\S*)$/.exec(q)?.[1] ?? '';
  const before = q.slice(0, q.length - last.length);
  const sign = last.startsWith('-') ? '-' : '';
  const word = last.slice(sign.length);
  const found: Suggestion[] = [];

  if (q === '') found.push(...recent().slice(0, 6).map((text) => ({ text, means: 'searched before' })));
  for (const { name, means, values } of prefixes) {
    if (word.startsWith(name))
      for (const value of values ?? []) if (value.startsWith(word.slice(name.length)) && value !== word.slice(name.length)) found.push({ text: `${before}${sign}${name}${value}`, means: '' });
    if (name.startsWith(word) && name !== word) found.push({ text: `${before}${sign}${name}`, means });
  }
  return found.slice(0, 14);
}

const RECENT = 20;

export function recent(): string[] {
  try {
    const list: unknown = JSON.parse(kept('searches') ?? '[]');

    return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(q: string): void {
  if (q !== '') keep('searches', JSON.stringify([q, ...recent().filter((one) => one !== q)].slice(0, RECENT)));
}
