// SPDX-License-Identifier: MIT
// One function: its code with marks of the engine that will run it, and the panel to try it.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { FunctionInfo } from '../../api/types';
import { useMay } from '../../api/who';
import { useKeys } from '../../frame/keys';
import { useRefresh } from '../../live/refresh';
import { say } from '../../parts/announce';
import { Command, copy } from '../../parts/copy';
import { Link } from '../../parts/link';
import { Answer, Failed } from '../../parts/notice';
import { Only } from '../../parts/only';
import { Tabs } from '../../parts/tabs';
import { plural } from '../../words/count';
import { command } from '../../words/shell';
import { CodeBox } from './codebox';
import { Deploy } from './deploy';
import { Logs } from './logs';
import { Settings } from './settings';
import { Suite } from './suite';
import { useTrial } from './trial';
import { TestPanel } from './testpanel';
import { Versions } from './versions';
import { useWorking, type Working } from './working';

const every = ['onIdentify', 'onTrack', 'onPage', 'onScreen', 'onGroup', 'onAlias', 'onDelete'];
const tabs = [{ id: 'test', title: 'Test' }, { id: 'cases', title: 'Eight cases' }, { id: 'logs', title: 'Logs' }, { id: 'settings', title: 'Settings' }, { id: 'versions', title: 'Versions' }];

function Conflict({ working }: { working: Working }) {
  if (working.conflict === null) return null;
  return (
    <div class="notice error" role="alert">
      <h2>The file changed on disk</h2>
      <p>The one on disk runs. You have changes that are not saved.</p>
      <p class="actions"><button type="button" onClick={working.takeTheirs}>Take the file, drop mine</button><button type="button" onClick={working.keepMine}>Keep mine (Save then replaces the file)</button></p>
    </div>
  );
}

function Problems({ working, onPick }: { working: Working; onPick: (line: number, column: number) => void }) {
  if (working.checkProblem) return <p class="muted">No marks: {working.checkProblem.isMissing ? 'this server does not check code for the console yet' : working.checkProblem.message}.</p>;
  if (working.problems.length === 0) return null;
  return (
    <ul class="problems" aria-label="Problems">
      {working.problems.map((one) => (
        <li key={`${one.line}:${one.column}:${one.message}`}>
          <button type="button" class="quiet" onClick={() => onPick(one.line ?? 1, one.column ?? 1)}>
            <span class={`sign ${one.severity === 'note' ? 'warn' : 'error'}`}>{one.severity === 'note' ? '▲' : '✖'} {one.line}:{one.column}</span> {one.message} <code>{one.code}</code>{one.help && <span class="muted">{one.help}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Head({ fn, working, onDeploy }: { fn: FunctionInfo; working: Working; onDeploy: () => void }) {
  return (
    <header class="page-head">
      <h1>{fn.name}</h1>
      <span class="muted">v{fn.version} {fn.error ? 'runs; the last save is broken' : 'in service'}{working.isChanged && ' · not saved'}{fn.is_deployed === false && !working.isChanged && !fn.error && ' · the file is not what runs'}</span>
      {fn.source !== undefined && !fn.is_readonly && (
        <span class="actions"><Only role="admin" to="change it">
          <button type="button" class="main" aria-keyshortcuts="Control+S" disabled={!working.isChanged || working.isBusy} onClick={() => { void working.save(); }}>Save</button>
          <button type="button" disabled={working.isBusy || (fn.is_deployed !== false && !working.isChanged)} title="Put it into service" onClick={onDeploy}>Deploy</button>
        </Only></span>
      )}
    </header>
  );
}

function Opened({ fn, path, loaded }: { fn: FunctionInfo; path: string; loaded: ReturnType<typeof useLoaded<FunctionInfo>> }) {
  const working = useWorking(path, loaded);
  const isAdmin = useMay('admin');
  const trial = useTrial(path, () => working.text);
  const [tab, setTab] = useState('test');
  const [asked, setAsked] = useState<{ version: number | null; source: string } | null>(null);
  const [place, setPlace] = useState<{ line: number; column: number } | null>(null);
  const handlers = fn.kind === 'destination' ? every.filter((one) => !fn.handlers.includes(one)) : [];
  const deploy = (version?: number): void => {
    const before = working.isChanged && version === undefined ? working.save() : Promise.resolve(true);

    void before.then((isSaved) => {
      if (isSaved)
        ask(`${path}/deploy`, { method: 'POST', body: version === undefined ? {} : { version } }).then(
          () => { say(version === undefined ? 'Deployed' : `Version ${version} is in service again`); loaded.reload(); }, (error: unknown) => say(`Not deployed: ${problemFrom(error).message}`, true));
    });
  };

  const askFor = (version: number | null): void => {
    if (version === null) setAsked({ version, source: working.text });
    else ask<{ source: string }>(`${path}/versions/${version}`).then(({ source }) => setAsked({ version, source }), (error: unknown) => say(problemFrom(error).message, true));
  };
  const running = fn.versions?.find(({ labels }) => labels.includes('DEPLOYED'))?.version;
  const deployed = useLoaded<{ source: string }>(asked && running !== undefined ? `${path}/versions/${running}` : null);

  useKeys({ 'Ctrl+s': () => { if (working.isChanged) void working.save(); }, ...(isAdmin && { 'Ctrl+Enter': () => { void trial.run(); } }), 'Y': () => { void copy(command('fn', 'check', fn.path), 'command'); } });
  return (
    <>
      <Head fn={fn} working={working} onDeploy={() => askFor(null)} />
      <Conflict working={working} />
      {fn.error && <div class="notice error"><h2>The last save does not run; version {fn.version} still does</h2><pre class="code" tabIndex={0} role="region" aria-label="Error of the last save">{fn.error}</pre></div>}
      <div class="editor">
        <div class="editor-code">
          {fn.source === undefined ? (
            <div class="notice"><h2>This server does not show code here</h2><p>Edit <code>{fn.path}</code> with your own editor; it is in service as soon as you save.</p></div>
          ) : (
            <>
              {fn.is_readonly && <p class="muted">Deployed from elsewhere, so the code is shown and not changed here (<code>functions.readonly</code>). To change it, bring another <code>{fn.path}</code> to this machine, as the last one came.</p>}
              <CodeBox label={`Code of ${fn.name}`} text={working.text} isReadOnly={(fn.is_readonly ?? false) || !isAdmin} problems={working.problems}
                onChange={working.change} onSave={() => { void working.save(); }} onRun={() => { if (isAdmin) void trial.run(); }} goTo={place} />
            </>
          )}
          <Problems working={working} onPick={(line, column) => setPlace({ line, column })} />
          <p class="muted handlers">Handlers: {fn.handlers.length > 0 ? fn.handlers.join(' ') : 'none'}{handlers.length > 0 && ` · not supported: ${handlers.join(' ')}`}
            {working.problems.length > 0 && ` · ${plural(working.problems.length, 'problem')}`}</p>
        </div>
        <div class="editor-side">
          <Tabs label="Try the function" tabs={tabs} current={tab} onPick={setTab}>
            {tab === 'test' && <Only role="admin" to="run code, which could tell the secrets of its settings"><TestPanel trial={trial} /></Only>}
            {tab === 'cases' && <Only role="admin" to="run code, which could tell the secrets of its settings"><Suite path={path} source={fn.source === undefined ? undefined : working.text} /></Only>}
            {tab === 'logs' && <Logs name={fn.subscription} />}
            {tab === 'settings' && <Settings fn={fn} />}
            {tab === 'versions' && <Versions fn={fn} path={path} onRestore={askFor} />}
          </Tabs>
        </div>
      </div>
      {asked && (
        <Deploy path={path} title={asked.version === null ? `Deploy ${fn.name}` : `Roll back to version ${asked.version}`} from={deployed.data?.source ?? null} to={asked.source}
          onClose={() => setAsked(null)} onDeploy={() => { setAsked(null); deploy(asked.version ?? undefined); }} />
      )}
    </>
  );
}

export function Editor({ name }: { name: string }) {
  const path = `/functions/${encodeURIComponent(name)}`;
  const loaded = useLoaded<FunctionInfo>(path);

  useRefresh(['stats'], 1500, loaded.reload);
  return (
    <section class="page editor-page">
      <p class="crumbs"><Link to="/functions">Functions</Link></p>
      {loaded.problem && !loaded.data ? <><h1>{name}</h1><Failed problem={loaded.problem} what="this function" retry={loaded.reload} /></> :
        <Answer of={loaded} what="this function" rows={10}>{(fn) => <Opened fn={fn} path={path} loaded={loaded} />}</Answer>}
      <Command>{command('fn', 'test', loaded.data?.path ?? name)}</Command>
    </section>
  );
}
