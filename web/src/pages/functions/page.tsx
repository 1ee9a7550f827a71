// SPDX-License-Identifier: MIT
// Functions: the list, or one in its editor.

import { useLoaded } from '../../api/loaded';
import type { FunctionInfo, List } from '../../api/types';
import { useKeys } from '../../frame/keys';
import { useRefresh } from '../../live/refresh';
import { Command, copy } from '../../parts/copy';
import { Link } from '../../parts/link';
import { Answer, Notice } from '../../parts/notice';
import { Only } from '../../parts/only';
import { Sparkline } from '../../parts/sparkline';
import { count } from '../../words/count';
import { Sign } from '../../words/state';
import { span } from '../../words/when';
import { Editor } from './editor';
import { Templates } from './templates';

function StateOfFunction({ fn }: { fn: FunctionInfo }) {
  if (fn.error) return <Sign sign="▲" tone="error">{fn.state === 'loaded' ? `broken save, v${fn.version} runs` : fn.state}</Sign>;
  return <Sign sign={fn.state === 'loaded' ? '✔' : '◐'} tone={fn.state === 'loaded' ? 'ok' : 'warn'}>{fn.state === 'loaded' ? 'in service' : fn.state}</Sign>;
}

function FunctionList() {
  const list = useLoaded<List<FunctionInfo>>('/functions');

  useRefresh(['delivery'], 5000, list.reload);
  useKeys({ Y: () => { void copy('partnerapp status', 'command'); } });
  return (
    <section class="page">
      <header class="page-head"><h1>Functions</h1><span class="muted">the code that translates events</span></header>
      <Answer of={list} what="functions">{({ data }) => (data.length === 0 ? (
        <Notice title="No function in service"><p>A subscription that has an endpoint and no function passes events on as they are. Begin one from a template:</p></Notice>
      ) : (
        <div class="table-frame"><table class="rows fold">
          <thead><tr><th scope="col">Function</th><th scope="col">Code</th><th scope="col">Version</th><th scope="col">State</th><th scope="col">Last hour</th><th scope="col" class="number">OK</th><th scope="col" class="number">p95</th><th scope="col">Handlers</th></tr></thead>
          <tbody>{data.map((fn) => (
            <tr key={fn.name}>
              <td class="what"><Link to={`/functions/${encodeURIComponent(fn.name)}`}>{fn.name}</Link> <span class="muted">{fn.kind}</span></td>
              <td data-name="code"><code>{fn.path}</code></td><td data-name="version">v{count(fn.version)}</td><td><StateOfFunction fn={fn} /></td>
              <td data-name="last hour"><Sparkline values={fn.recent} what="runs" /></td>
              <td class="number" data-name="ok">{fn.ok_ratio == null ? '–' : `${(fn.ok_ratio * 100).toFixed(fn.ok_ratio % 1 === 0 ? 0 : 1)} %`}</td>
              <td class="number" data-name="p95">{fn.p95_ms == null ? '–' : span(fn.p95_ms)}</td>
              <td data-name="handlers" class="handlers">{fn.handlers.join(' ')}</td>
            </tr>
          ))}</tbody>
        </table></div>
      ))}</Answer>
      {list.data && <Only role="admin"><Templates isOpen={list.data.data.length === 0} onMade={list.reload} /></Only>}
      <Command>partnerapp fn new my-function --template hello</Command>
    </section>
  );
}

export function FunctionsPage({ name }: { name: string }) {
  return name === '' ? <FunctionList /> : <Editor key={name} name={name} />;
}
