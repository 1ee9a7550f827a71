// SPDX-License-Identifier: MIT
// What is shown once: a token, a link. After that only whoever copied it has it.

import type { ComponentChildren } from 'preact';

import { CopyButton } from './copy';

export function Once({ text, copy, children }: { text: string; copy: string; children: ComponentChildren }) {
  return (
    <div class="once" role="status">
      <p>{children}</p>
      <p class="bar"><code class="secret">{text}</code><CopyButton text={text}>{copy}</CopyButton></p>
      <p class="muted">Shown only now: nobody can look it up later.</p>
    </div>
  );
}
