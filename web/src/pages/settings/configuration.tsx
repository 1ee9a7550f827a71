// SPDX-License-Identifier: MIT
// The configuration that holds, with the place each value comes from. To be read, not changed.

import { useState } from 'preact/hooks';

import { useLoaded } from '../../api/loaded';
import type { ConfigRow } from '../../api/types';
import { Command } from '../../parts/copy';
import { Answer } from '../../parts/notice';

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? Object.keys(value).join(', ') : String(value);
}

export function Configuration() {
  const config = useLoaded<{ data: ConfigRow[] }>('/config');
  const [text, setText] = useState('');
  const [isOwn, setIsOwn] = useState(false);

  return (
    <>
      <Answer of={config} what="its configuration">{({ data }) => {
        const found = data.filter(({ key, value, origin }) => (!isOwn || origin !== 'default') && `${key} ${textOf(value)} ${origin}`.toLowerCase().includes(text.toLowerCase()));

        return (
          <>
            <p class="bar">
              <label class="unseen" for="find">Find a key</label>
              <input id="find" type="search" placeholder="Find a key" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
              <label><input type="checkbox" checked={isOwn} onChange={({ currentTarget }) => setIsOwn(currentTarget.checked)} /> without defaults</label>
            </p>
            <div class="table-frame"><table class="rows fold config">
              <thead><tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">From</th><th scope="col">To change it</th></tr></thead>
              <tbody>{found.map(({ key, value, origin, place, how, help }) => (
                <tr key={key}><th scope="row"><code>{key}</code>{help && <span class="muted help">{help}</span>}</th><td class="value">{textOf(value) === '' ? <span class="muted">not set</span> : textOf(value)}</td><td data-name="from">{origin}{place && <span class="muted"> {place}</span>}</td><td data-name="to change it" class="muted">{how}</td></tr>
              ))}</tbody>
            </table></div>
            {found.length === 0 && <p class="muted">No key of that name.</p>}
          </>
        );
      }}</Answer>
      <Command>partnerapp config show --origin</Command>
    </>
  );
}
