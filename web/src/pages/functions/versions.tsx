// SPDX-License-Identifier: MIT
// What ran before, and the way back to it.

import { useState } from 'preact/hooks';

import { useLoaded } from '../../api/loaded';
import type { FunctionInfo } from '../../api/types';
import { Code } from '../../parts/json';
import { Answer } from '../../parts/notice';
import { Only } from '../../parts/only';
import { When } from '../../words/when';

function Source({ path, version }: { path: string; version: number }) {
  const source = useLoaded<{ source: string }>(`${path}/versions/${version}`);

  return <Answer of={source} what="the code of versions">{({ source: text }) => <Code json={false} label={`Code of version ${version}`} text={text} />}</Answer>;
}

export function Versions({ fn, path, onRestore }: { fn: FunctionInfo; path: string; onRestore: (version: number) => void }) {
  const [shown, setShown] = useState<number | null>(null);

  if (fn.versions === undefined) return <p class="muted">This server does not list versions here.</p>;
  return (
    <ul class="versions">{fn.versions.map(({ version, created_at: at, labels }) => (
      <li key={version}>
        <p><strong>v{version}</strong> {labels.map((label) => <span key={label} class="mode">{label}</span>)} <When at={at} ago /></p>
        <p class="actions">
          <button type="button" aria-expanded={shown === version} onClick={() => setShown(shown === version ? null : version)}>Code</button>
          {!labels.includes('DEPLOYED') && !fn.is_readonly && <Only role="admin"><button type="button" onClick={() => onRestore(version)}>Roll back to v{version}</button></Only>}
        </p>
        {shown === version && <Source path={path} version={version} />}
      </li>
    ))}</ul>
  );
}
