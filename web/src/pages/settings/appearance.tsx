// SPDX-License-Identifier: MIT
// Looks and keys, for this browser.

import { useCell } from '../../cell';
import { hasLetters, isDense, theme, themes } from '../../frame/look';
import { askToNotify, mayNotify, wantsNotes } from '../../frame/notes';
import { isUtc } from '../../words/when';

export function Appearance() {
  const look = useCell(theme);
  const utc = useCell(isUtc);
  const letters = useCell(hasLetters);
  const dense = useCell(isDense);
  const notes = useCell(wantsNotes);

  return (
    <>
      <fieldset><legend>Theme</legend>
        {themes.map((one) => <label key={one}><input type="radio" name="theme" checked={look === one} onChange={() => theme.set(one)} /> {one === 'auto' ? 'as the system' : one}</label>)}
      </fieldset>
      <fieldset><legend>Rows</legend>
        <label><input type="radio" name="density" checked={!dense} onChange={() => isDense.set(false)} /> with room</label>
        <label><input type="radio" name="density" checked={dense} onChange={() => isDense.set(true)} /> close together</label>
      </fieldset>
      <fieldset><legend>Times</legend>
        <label><input type="radio" name="zone" checked={!utc} onChange={() => isUtc.set(false)} /> local</label>
        <label><input type="radio" name="zone" checked={utc} onChange={() => isUtc.set(true)} /> UTC</label>
      </fieldset>
      <fieldset><legend>Keys</legend>
        <label><input type="checkbox" checked={letters} onChange={({ currentTarget }) => hasLetters.set(currentTarget.checked)} /> single letters are keys (press ? for the list)</label>
      </fieldset>
      <fieldset><legend>Notifications</legend>
        <label><input type="checkbox" checked={notes} disabled={!mayNotify()} onChange={({ currentTarget }) => { void askToNotify(currentTarget.checked); }} /> when a dead letter comes while this page is not looked at</label>
        {!mayNotify() && <span class="muted">This browser does not let this page notify.</span>}
      </fieldset>
      <p class="muted">Kept in this browser only.</p>
    </>
  );
}
