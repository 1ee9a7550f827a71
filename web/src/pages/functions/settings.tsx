// SPDX-License-Identifier: MIT
// The settings that a function reads. Their values are not for the browser.

import type { FunctionInfo } from '../../api/types';

export function Settings({ fn }: { fn: FunctionInfo }) {
  if (fn.settings === undefined) return <p class="muted">This server does not show settings here.</p>;
  if (fn.settings.length === 0) return <p class="muted">No settings are set for this function.</p>;
  return (
    <>
      <table class="rows"><thead><tr><th scope="col">Setting</th><th scope="col">Kind</th><th scope="col">From</th></tr></thead>
        <tbody>{fn.settings.map(({ name, kind, origin }) => <tr key={name}><th scope="row"><code>{name}</code></th><td>{kind}</td><td class="muted">{origin}</td></tr>)}</tbody></table>
      <p class="muted">Values are not shown. An event that brings X-Segment-Settings brings its customer's.</p>
    </>
  );
}
