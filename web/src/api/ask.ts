// SPDX-License-Identifier: MIT
// Questions to the API. What goes wrong becomes a Problem, with words that can be shown.

import { toLogin } from './leave';

export class Problem extends Error {
  constructor(readonly status: number, readonly code: string | null, message: string, readonly help: string | null = null,
    readonly body: unknown = null) {
    super(message);
  }

  // This server has no such call at all, as opposed to no such thing.
  get isMissing(): boolean {
    return this.code === 'PA7005';
  }

  // Nobody knows who asks; and who it is may not.
  get isUnknown(): boolean {
    return this.status === 401;
  }

  get isForbidden(): boolean {
    return this.status === 403;
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function problemOf(status: number, body: unknown): Problem {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;

  return new Problem(status, textOf(said.code), textOf(said.detail) ?? textOf(said.title) ?? textOf(said.message) ??
    `the server answered ${status}`, textOf(said.help), body);
}

// The session is over, and there is a page to begin another.
const isOver = (status: number, body: unknown): boolean =>
  status === 401 && typeof body === 'object' && body !== null && 'login' in body;

interface Options {
  method?: string;
  body?: unknown;
  signal?: AbortSignal;
}

export async function ask<T>(path: string, { method = 'GET', body, signal }: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  let response: Response;

  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, credentials: 'same-origin',
      ...(body !== undefined && { body: JSON.stringify(body) }), ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, null, 'the server does not answer', 'Is partnerapp still running?');
  }
  const text = await response.text();
  let json: unknown = null;

  try {
    json = text === '' ? null : JSON.parse(text);
  } catch {
    if (response.ok) throw new Problem(response.status, null, 'the answer is not JSON');
  }
  if (isOver(response.status, json)) {
    toLogin();
    return new Promise(() => undefined); // the page goes
  }
  if (!response.ok) throw problemOf(response.status, json);
  return json as T;
}

export const problemFrom = (error: unknown): Problem =>
  (error instanceof Problem ? error : new Problem(0, null, error instanceof Error ? error.message : String(error)));
