// SPDX-License-Identifier: MIT
// A new function begins as a copy of one that works.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from '../../api/ask';
import { useLoaded } from '../../api/loaded';
import type { List, Template } from '../../api/types';
import { say } from '../../parts/announce';
import { Command } from '../../parts/copy';
import { Code } from '../../parts/json';
import { command } from '../../words/shell';

const SIMPLEST = 'hello';

interface Made { name: string; files: string[]; how: string | null } // how it gets events

function Chosen({ template, onMade }: { template: Template; onMade: (made: Made) => void }) {
  const [name, setName] = useState(template.name);
  const [isBusy, setIsBusy] = useState(false);
  const make = (event: Event): void => {
    event.preventDefault();
    setIsBusy(true);
    ask<Made>('/functions', { method: 'POST', body: { name, template: template.name } }).then(
      (made) => { say(`functions/${made.name} is written`); onMade(made); },
      (error: unknown) => say(problemFrom(error).message, true)).finally(() => setIsBusy(false));
  };

  return (
    <>
      <form class="bar" onSubmit={make}>
        <label>Name <input type="text" required maxLength={60} pattern="[A-Za-z0-9][\w.\-]*" value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>
        <button type="submit" class="main" disabled={isBusy}>Begin with {template.title}</button>
      </form>
      <details><summary>Its code</summary><Code json={false} label={`Code of ${template.title}`} text={template.source} /></details>
      <Command>{command('fn', 'new', name, '--template', template.name)}</Command>
    </>
  );
}

// @isOpen: there is no function yet, so this is what the page is for.
export function Templates({ isOpen, onMade }: { isOpen: boolean; onMade: () => void }) {
  const loaded = useLoaded<List<Template>>('/templates');
  const templates = loaded.data?.data ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const chosen = templates.find(({ name }) => name === (picked ?? SIMPLEST)) ?? templates[0];

  if (!chosen) return null;
  return (
    <details class="templates" open={isOpen}>
      <summary>New function from a template</summary>
      <div class="cards" role="radiogroup" aria-label="Templates">
        {templates.map(({ name, title, description }) => (
          <label key={name} class={name === chosen.name ? 'is-current' : ''}>
            <input type="radio" name="template" checked={name === chosen.name} onChange={() => setPicked(name)} /> <strong>{title}</strong>
            <span class="muted">{description.replace(/\s*\(<[^>]*>\)/, '')}</span>
          </label>
        ))}
      </div>
      <Chosen key={chosen.name} template={chosen} onMade={(answer) => { setMade(answer); onMade(); }} />
      {made && (
        <div class="notice" role="status" data-testid="made"><h2>{made.name} is there</h2>
          <ul>{made.files.map((file) => <li key={file}><code>{file}</code></li>)}</ul>
          {made.how && <p>{made.how}</p>}
        </div>
      )}
    </details>
  );
}
