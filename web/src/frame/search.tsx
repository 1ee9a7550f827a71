// SPDX-License-Identifier: MIT
// The search box in the top bar: completes prefixes and values, remembers what was looked for, says
// what is not understood before it is asked, and how the same is asked in a terminal.

import { useEffect, useId, useRef, useState } from 'preact/hooks';

import { go, searchFor } from '../address';
import type { Status } from '../api/types';
import { Cell } from '../cell';
import { Command } from '../parts/copy';
import { command } from '../words/shell';
import { useKeys } from './keys';
import { mistakeIn, remember, suggestionsFor } from './terms';
import { useKnown } from './known';

// What another part of the page wants to be typed on from here: "is:dead status:".
export const draft = new Cell('');

export function Search({ q, status }: { q: string; status: Status | null }) {
  const [text, setText] = useState(q);
  const [isOpen, setIsOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const known = useKnown(isOpen, status);
  const found = isOpen ? suggestionsFor(text, known) : [];
  const mistake = isOpen ? mistakeIn(text.replace(/\S*$/, (last) => (last.includes(':') ? last : ''))) : null;
  const search = (words: string): void => {
    setIsOpen(false);
    setAt(-1);
    remember(words.trim());
    go(searchFor(words.trim()));
  };
  const pick = (words: string): void => {
    setText(words);
    setAt(-1);
    if (!/[:.]$/.test(words)) search(words);
    input.current?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = found[at];

    if (step) {
      event.preventDefault();
      setIsOpen(true);
      setAt(Math.max(-1, Math.min(found.length - 1, at + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (chosen) pick(chosen.text);
      else search(text);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (isOpen && found.length > 0) setIsOpen(false);
      else input.current?.blur();
    }
  };

  useEffect(() => setText(q), [q]);
  useEffect(() => draft.watch((words) => {
    if (words === '') return;
    draft.set('');
    setText(words);
    setIsOpen(true);
    input.current?.focus();
  }), []);
  useKeys({ '/': () => { input.current?.focus(); input.current?.select(); } });
  return (
    <form class="search" role="search" onSubmit={(event) => { event.preventDefault(); search(text); }}>
      <label class="unseen" for={id}>Search events</label>
      <input id={id} ref={input} type="text" value={text} placeholder="Search events: is:dead sub:default …" autocomplete="off" spellcheck={false}
        role="combobox" aria-expanded={found.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" aria-keyshortcuts="/"
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        onInput={(event) => { setText(event.currentTarget.value); setIsOpen(true); setAt(-1); }}
        onFocus={() => setIsOpen(true)} onBlur={() => setIsOpen(false)} onKeyDown={onKey} />
      {text !== '' && <button type="button" class="quiet clear" aria-label="Clear the search" onClick={() => { setText(''); search(''); }}>✕</button>}
      <div class="search-box" hidden={!isOpen || (found.length === 0 && text.trim() === '')} onMouseDown={(event) => event.preventDefault()}>
      {mistake && <p class="error mistake" role="status">{mistake}</p>}
      <ul id={`${id}-list`} role="listbox" aria-label="Completions" hidden={found.length === 0}>
        {found.map(({ text: words, means }, i) => (
          <li key={words} id={`${id}-${i}`} role="option" aria-selected={i === at}
            onMouseDown={(event) => { event.preventDefault(); pick(words); }}>
            <code>{words}</code>{means && <span class="muted">{means}</span>}
          </li>
        ))}
      </ul>
      {text.trim() !== '' && <Command>{command('events', 'list', text.trim())}</Command>}
      </div>
    </form>
  );
}
