// SPDX-License-Identifier: MIT
// The open event to take away, in the form that the next program wants.

import type { EventRow, Status } from '../../api/types';
import { copy } from '../../parts/copy';
import { indented } from '../../parts/json';
import { Menu } from '../../parts/menu';
import { command, curl } from '../../words/shell';
import { callOf } from './senttab';

export function CopyMenu({ event, path, status }: { event: EventRow; path: string | undefined; status: Status | null }) {
  const call = callOf(event);
  const base = status ? `http://${status.listeners.public}` : location.origin;
  const post = (): string => curl({ method: 'POST', url: `${base}${path ?? '/webhook'}`, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event.payload) });
  const forms: [string, string, () => string][] = [
    ['Command', 'command', () => command('events', 'get', event.id)],
    ['Link', 'link', () => location.href],
    ['Id', 'id', () => event.id],
    ['Time of receipt', 'time', () => event.received_at],
    ...(event.erased ? [] : [['JSON', 'JSON', () => indented(event.payload)], ['JSON in one line', 'JSON', () => JSON.stringify(event.payload)]] as [string, string, () => string][]),
    ...(call && !event.erased ? [['analytics.js call', 'call', () => call]] as [string, string, () => string][] : []),
    ...(path && !event.erased ? [['curl that sends it here', 'curl', post]] as [string, string, () => string][] : []),
  ];

  return <Menu label="Copy as">{forms.map(([title, what, text]) => <button key={title} type="button" onClick={() => { void copy(text(), what); }}>{title}</button>)}</Menu>;
}
