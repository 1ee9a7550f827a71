// SPDX-License-Identifier: MIT
// The state of a delivery: a symbol, a word and a colour, never the colour alone.

import type { Delivery } from '../api/types';

const looks: Record<string, { sign: string; tone: string }> = {
  queued: { sign: '○', tone: 'muted' },
  running: { sign: '◐', tone: 'muted' },
  retrying: { sign: '↻', tone: 'warn' },
  delivered: { sign: '✔', tone: 'ok' },
  discarded: { sign: '–', tone: 'muted' },
  dead: { sign: '✖', tone: 'error' },
};

export function Sign({ tone, sign, children }: { tone: string; sign: string; children: preact.ComponentChildren }) {
  return <span class={`sign ${tone}`}><span aria-hidden="true">{sign}</span> {children}</span>;
}

export function StateOf({ delivery }: { delivery: Pick<Delivery, 'state' | 'last_error' | 'n_attempts'> | undefined }) {
  if (!delivery) return <span class="muted">–</span>;
  const { sign, tone } = looks[delivery.state] ?? { sign: '?', tone: 'muted' };
  const isUnsupported = delivery.state === 'discarded' && delivery.last_error === 'EventNotSupported';

  return <Sign sign={sign} tone={tone}>{isUnsupported ? 'not supported' : delivery.state}{delivery.state === 'retrying' && ` ${delivery.n_attempts}`}</Sign>;
}
