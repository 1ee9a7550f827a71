// SPDX-License-Identifier: MIT
// The terms of the search, each to be dropped with a click, and the usual ones to add.

import { go, searchFor } from '../../address';
import { termsOf, withTerm, without } from '../../frame/terms';

const usual: [string, string][] = [
  ['is:delivered', 'delivered'], ['is:retrying', 'on retry'], ['is:dead', 'dead'], ['is:discarded', 'discarded'], ['after:1h', 'last hour'], ['after:24h', 'last day'],
];

export function Filters({ q }: { q: string }) {
  const terms = termsOf(q);

  return (
    <div class="filters" role="group" aria-label="Filters">
      {usual.map(([term, name]) => {
        const isOn = terms.includes(term);

        return <button key={term} type="button" class="chip" aria-pressed={isOn} onClick={() => go(searchFor(isOn ? without(q, term) : withTerm(q, term)))}>{name}</button>;
      })}
      {terms.filter((term) => !usual.some(([one]) => one === term)).map((term) => (
        <button key={term} type="button" class="chip term" aria-label={`Drop ${term}`} onClick={() => go(searchFor(without(q, term)))}>{term} <span aria-hidden="true">✕</span></button>
      ))}
    </div>
  );
}
