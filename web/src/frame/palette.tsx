// SPDX-License-Identifier: MIT
// Ctrl+K: pages, functions, recent events and searches, and actions by name.

import { useState } from 'preact/hooks';

import { go, searchFor } from '../address';
import { useLoaded } from '../api/loaded';
import type { EventRow, FunctionInfo, List } from '../api/types';
import { toggle } from '../live/pause';
import { Dialog } from '../parts/dialog';
import { shortId } from '../words/count';
import { titleOf } from '../words/event';
import { nextTheme } from './look';
import { places } from './places';
import { recent } from './terms';

interface Entry { title: string; kind: string; run: () => void }

export function Palette({ onClose }: { onClose: () => void }) {
  const functions = useLoaded<List<FunctionInfo>>('/functions');
  const events = useLoaded<List<EventRow>>('/events?limit=8');
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const all: Entry[] = [
    ...places.map(({ title, path }) => ({ title, kind: 'page', run: () => go(path) })),
    ...(functions.data?.data ?? []).map(({ name }) => ({ title: name, kind: 'function', run: () => go(`/functions/${encodeURIComponent(name)}`) })),
    ...(events.data?.data ?? []).map((row) => ({ title: `${titleOf(row)} ${shortId(row.id)}`, kind: 'event', run: () => go(`/events/${row.id}`) })),
    { title: 'Pause or go live', kind: 'action', run: toggle },
    { title: 'Change the theme', kind: 'action', run: nextTheme },
    ...recent().slice(0, 5).map((q) => ({ title: q, kind: 'search', run: () => go(searchFor(q)) })),
  ];
  const wanted = text.trim().toLowerCase();
  const found = all.filter(({ title }) => title.toLowerCase().includes(wanted)).slice(0, 24);

  if (wanted !== '') found.push({ title: `Search events for ${text.trim()}`, kind: 'search', run: () => go(searchFor(text.trim())) });
  const choose = (entry: Entry | undefined): void => {
    onClose();
    entry?.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];

    if (step) setAt((at + step + found.length) % found.length);
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="Go to" onClose={onClose} class="palette">
      <input type="text" aria-label="Page, function, search or action" value={text} autofocus role="combobox" aria-expanded="true" aria-controls="palette-list"
        aria-activedescendant={found[at] && `palette-${at}`} onKeyDown={onKey}
        onInput={(event) => { setText(event.currentTarget.value); setAt(0); }} />
      <ul id="palette-list" role="listbox" aria-label="Found">
        {found.map((entry, i) => (
          <li key={`${entry.kind} ${entry.title}`} id={`palette-${i}`} role="option" aria-selected={i === at} onClick={() => choose(entry)}>
            <span>{entry.title}</span><span class="muted">{entry.kind}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
