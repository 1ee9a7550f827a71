// SPDX-License-Identifier: MIT
// Things to take away: ids, commands, requests.

import { say } from './announce';
import { CopyIcon } from './copyicon';
import { shortId } from '../words/count';

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${what}`);
  } catch {
    say('The browser does not let this page copy', true);
  }
}

export function CopyId({ id, label }: { id: string; label?: string }) {
  return (
    <button type="button" class="copy-id" title={`${id} (click to copy)`} aria-label={`Copy ${label ?? 'id'} ${id}`}
      onClick={() => copy(id, id)}>
      {label && <span class="muted">{label} </span>}<code>{shortId(id)}</code><CopyIcon />
    </button>
  );
}

export function CopyButton({ text, children }: { text: string | (() => string); children: string }) {
  return (
    <button type="button" onClick={() => copy(typeof text === 'string' ? text : text(), children.replace(/^Copy (as )?/, ''))}>
      {children}
    </button>
  );
}

// A line that does the same in a terminal.
export function Command({ children }: { children: string }) {
  return (
    <p class="command">
      <code>{children}</code>
      <button type="button" class="quiet" aria-label={`Copy as command: ${children}`} title="Copy as command" onClick={() => copy(children, 'command')}><CopyIcon /></button>
    </p>
  );
}
