// SPDX-License-Identifier: MIT
// The rows: when, what, through which subscription, and how it went.

import { useRef } from 'preact/hooks';

import { addressOf } from '../../address';
import type { EventRow } from '../../api/types';
import { useKeys } from '../../frame/keys';
import { Link } from '../../parts/link';
import { newest, titleOf } from '../../words/event';
import { StateOf } from '../../words/state';
import { When } from '../../words/when';

interface Props {
  rows: EventRow[];
  current: string;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  onOpen: (id: string) => void;
  q: string;
}

export function Table({ rows, current, selected, onSelect, onOpen, q }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const anchor = useRef<string | null>(null);
  const focused = (): string | null => document.activeElement?.closest<HTMLElement>('tr[data-id]')?.dataset.id ?? null;
  const step = (by: number): void => {
    const at = rows.findIndex(({ id }) => id === (focused() ?? current));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];

    if (next) body.current?.querySelector<HTMLElement>(`[data-id="${next.id}"] a`)?.focus();
  };
  const select = (id: string | null, isRange: boolean): void => {
    if (id === null) return;
    const chosen = new Set(selected);
    const from = isRange ? rows.findIndex((row) => row.id === anchor.current) : -1;
    const to = rows.findIndex((row) => row.id === id);

    if (from >= 0) for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(row.id);
    else if (!chosen.delete(id)) chosen.add(id);
    anchor.current = id;
    onSelect(chosen);
  };

  useKeys({ j: () => step(1), k: () => step(-1), x: () => select(focused(), false), X: () => select(focused(), true) });
  return (
    <table class="rows">
      <thead><tr><th scope="col" class="tick"><span class="unseen">Select</span></th><th scope="col">When</th><th scope="col">Event</th><th scope="col" class="user">User</th><th scope="col" class="sub">Subscription</th><th scope="col">State</th></tr></thead>
      <tbody ref={body}>
        {rows.map((row) => (
          <tr key={row.id} data-id={row.id} class={row.id === current ? 'is-current' : ''}
            onClick={(event) => { if (!(event.target as Element).closest('a, input, label, button') && String(getSelection()) === '') onOpen(row.id); }}>
            <td class="tick"><label><input type="checkbox" checked={selected.has(row.id)} aria-label={`Select ${titleOf(row)}`} onClick={(event) => select(row.id, event.shiftKey)} /></label></td>
            <td class="at"><When at={row.received_at} /></td>
            <td class="what"><Link to={addressOf(`/events/${row.id}`, { q })}>{titleOf(row)}</Link></td>
            <td class="user">{row.user_id ?? row.anonymous_id ?? ''}</td>
            <td class="sub">{row.subscription}</td>
            <td class="state"><StateOf delivery={newest(row) ?? { state: 'queued', last_error: null, n_attempts: 0 }} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
