// SPDX-License-Identifier: MIT
// The button that customers press, to press, and to take to one's own site.

import { useState } from 'preact/hooks';

import { ask, problemFrom } from '../../api/ask';
import type { Status } from '../../api/types';
import { say } from '../../parts/announce';
import { CopyButton } from '../../parts/copy';
import { Notice } from '../../parts/notice';

const themes = ['light', 'dark', 'green'] as const;

export function Button({ status, onStarted }: { status: Status | null; onStarted: () => void }) {
  const [theme, setTheme] = useState<typeof themes[number]>('light');
  const [isBusy, setIsBusy] = useState(false);
  // In dev one listener serves both; else the button lies on the public one.
  const base = status && status.listeners.public !== status.listeners.admin ? `http://${status.listeners.public}` : location.origin;
  const here = base === location.origin;
  const picture = `/auth/segment/button.svg?theme=${theme}`;
  const html = `<a href="${base}/auth/segment"><img src="${base}${picture}" alt="Enable with Segment" width="200" height="40"></a>`;
  const markdown = `[![Enable with Segment](${base}${picture})](${base}/auth/segment)`;
  const startHere = async (): Promise<void> => {
    setIsBusy(true);
    try {
      const { install } = await ask<{ install: string }>('/installs', { method: 'POST', body: { auto_approve: true } });

      say(`${install} is connected`);
      onStarted();
    } catch (error) {
      say(problemFrom(error).message, true);
    }
    setIsBusy(false);
  };

  return (
    <div class="card press">
      <p class="muted">This button is what your customers will press.</p>
      {here ? <a href="/auth/segment"><img src={picture} alt="Enable with Segment" width="200" height="40" /></a> : <a href={`${base}/auth/segment`}>Enable with Segment</a>}
      <p class="actions">
        <label>Theme <select value={theme} onChange={({ currentTarget }) => setTheme(themes.find((one) => one === currentTarget.value) ?? 'light')}>{themes.map((one) => <option key={one}>{one}</option>)}</select></label>
        <CopyButton text={html}>Copy HTML</CopyButton>
        <CopyButton text={markdown}>Copy Markdown</CopyButton>
        {status?.mode === 'dev' && <button type="button" disabled={isBusy} onClick={() => { void startHere(); }}>Connect without a browser</button>}
      </p>
    </div>
  );
}

export function Flow() {
  return (
    <Notice title="Nobody has connected yet">
      <ol class="steps">
        <li><strong>Press</strong> The customer presses the button on your site.</li>
        <li><strong>Log in</strong> Segment asks who it is.</li>
        <li><strong>Allow</strong> The customer picks a source and says yes.</li>
        <li><strong>Exchange</strong> We get a token for that source.</li>
        <li><strong>Connect</strong> We make the destination there. Events begin to come.</li>
      </ol>
    </Notice>
  );
}
