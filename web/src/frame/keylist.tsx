// SPDX-License-Identifier: MIT
// The list of keys, behind ?.

import { Dialog } from '../parts/dialog';

const keys: [string, string][] = [
  ['/', 'search'], ['?', 'this list'], ['g then o e f d i x s', 'Overview, Events, Functions, Endpoints, Installs, Dead letters, Settings'],
  ['j  k', 'next, previous row'], ['Enter', 'open the row'], ['Esc', 'close'], ['[  ]', 'previous, next event while one is open'],
  ['1 – 4', 'tabs of the open event'], ['x', 'select the row'], ['Shift+x', 'select up to the row'], ['r', 'replay the open or selected events'],
  ['.', 'pause, go live'], ['0', 'whole span again (charts)'], ['y', 'copy the link of this view'], ['Y', 'copy as command'], ['Ctrl+K', 'go anywhere'],
  ['Ctrl+Enter', 'run the function (editor)'], ['Ctrl+S', 'save (editor)'],
];

export function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">{keys.map(([key, means]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{means}</dd></div>)}</dl>
      <p class="muted">Single letters count only while no field has the focus; Settings → Appearance switches them off.</p>
    </Dialog>
  );
}
