// SPDX-License-Identifier: MIT
// The terms of the search, each to be dropped with a click, and the usual ones to add.

import { useState } from 'preact/hooks';

import { go, searchFor } from '../../address';
import { draft } from '../../frame/search';
import { saved, setSaved, termsOf, withTerm, without } from '../../frame/terms';

const usual: [string, string][] = [
  ['is:delivered', 'delivered'], ['is:retrying', 'on retry'], ['is:dead', 'dead'], ['is:discarded', 'discarded'], ['after:1h', 'last hour'], ['after:24h', 'last day'],
];

const more = [['type:', 'type'], ['sub:', 'subscription'], ['fn:', 'function'], ['status:', 'status']] as const;

export function Filters({ q }: { q: string }) {
  const terms = termsOf(q);
  const [kept, setKept] = useState(saved);
  const isSaved = kept.includes(q);
  const keep = (): void => {
    setSaved(q, !isSaved);
    setKept(saved());
  };

  return (
    <div class="filters" role="group" aria-label="Filters">
      {usual.map(([term, name]) => {
        const isOn = terms.includes(term);

        return <button key={term} type="button" class="chip" aria-pressed={isOn} onClick={() => go(searchFor(isOn ? without(q, term) : withTerm(q, term)))}>{name}</button>;
      })}
      {terms.filter((term) => !usual.some(([one]) => one === term)).map((term) => (
        <button key={term} type="button" class="chip term" aria-label={`Drop ${term}`} onClick={() => go(searchFor(without(q, term)))}>{term} <span aria-hidden="true">✕</span></button>
      ))}
      {more.filter(([name]) => !terms.some((term) => term.startsWith(name))).map(([name, title]) => (
        <button key={name} type="button" class="chip add" onClick={() => draft.set(`${q} ${name}`.trim())}>+ {title}</button>
      ))}
      {kept.filter((one) => one !== q).map((one) => <button key={one} type="button" class="chip add" aria-label={`Saved search ${one}`} onClick={() => go(searchFor(one))}>★ {one}</button>)}
      {q !== '' && <button type="button" class="chip add" aria-pressed={isSaved} onClick={keep}>{isSaved ? '★ saved' : '☆ save'}</button>}
    </div>
  );
}
