// SPDX-License-Identifier: MIT
// A file for whoever helps: what is in it is told before it is made, and no payload or secret is.

import { useLoaded } from '../../api/loaded';
import type { Support as Listed } from '../../api/upkeep';
import { Command } from '../../parts/copy';
import { Answer } from '../../parts/notice';
import { Only } from '../../parts/only';

export function Support() {
  const parts = useLoaded<Listed>('/support');

  return (
    <>
      <p>One file that says how this server stands, for whoever helps you. Read it before you send it.</p>
      <Answer of={parts} what="support bundles">{({ data, left_out: rest }) => (
        <>
          <h2>What is in it</h2>
          <ul class="checks">{data.map(({ name, what }) => <li key={name}><code>{name}</code><span>{what}</span></li>)}</ul>
          {rest && <p class="muted">Not in it: {rest}.</p>}
          <p class="actions"><Only role="admin" to="download it"><a class="button" href="/api/v1/support/bundle" download>Download the support bundle</a></Only></p>
        </>
      )}</Answer>
      <Command>partnerapp status --json</Command>
    </>
  );
}
