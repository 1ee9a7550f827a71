// SPDX-License-Identifier: MIT
// Looks and keys, for this browser.

import { useCell } from '../../cell';
import { hasLetters, theme, themes } from '../../frame/look';
import { isUtc } from '../../words/when';

export function Appearance() {
  const look = useCell(theme);
  const utc = useCell(isUtc);
  const letters = useCell(hasLetters);

  return (
    <>
      <fieldset><legend>Theme</legend>
        {themes.map((one) => <label key={one}><input type="radio" name="theme" checked={look === one} onChange={() => theme.set(one)} /> {one === 'auto' ? 'as the system' : one}</label>)}
      </fieldset>
      <fieldset><legend>Times</legend>
        <label><input type="radio" name="zone" checked={!utc} onChange={() => isUtc.set(false)} /> local</label>
        <label><input type="radio" name="zone" checked={utc} onChange={() => isUtc.set(true)} /> UTC</label>
      </fieldset>
      <fieldset><legend>Keys</legend>
        <label><input type="checkbox" checked={letters} onChange={({ currentTarget }) => hasLetters.set(currentTarget.checked)} /> single letters are keys (press ? for the list)</label>
      </fieldset>
      <p class="muted">Kept in this browser only.</p>
    </>
  );
}
