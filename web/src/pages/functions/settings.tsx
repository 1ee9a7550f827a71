// SPDX-License-Identifier: MIT
// The settings that a function declares, as Segment's settings builder has them.

import type { FunctionInfo } from '../../api/types';

export function Settings({ fn }: { fn: FunctionInfo }) {
  if (fn.settings === undefined) return <p class="muted">This server does not show settings here.</p>;
  if (fn.settings.length === 0) return <p class="muted">This function declares no settings.</p>;
  return (
    <ul class="settings-list">{fn.settings.map((one) => (
      <li key={one.name}><strong>{one.label ?? one.name}</strong> <code>{one.name}</code> <span class="muted">{one.type}{one.required && ', required'}{one.secret && ', secret'}</span>{one.description && <p>{one.description}</p>}</li>
    ))}</ul>
  );
}
