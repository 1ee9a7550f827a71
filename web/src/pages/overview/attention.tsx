// SPDX-License-Identifier: MIT
// What somebody should look at, with the place to do so.

import type { Attention } from '../../api/types';
import { Link } from '../../parts/link';
import { Sign } from '../../words/state';
import { When } from '../../words/when';

const pageOf = ({ kind, subject, path }: Attention): string => {
  if (path?.startsWith('/') && !path.startsWith('//') && !path.startsWith('/api/')) return path;
  if (kind === 'endpoint') return `/endpoints/${encodeURIComponent(subject)}`;
  if (kind === 'install') return `/${subject}`;
  return kind === 'function' ? `/functions/${encodeURIComponent(subject)}` : '/settings#health';
};

export function NeedsAttention({ rows }: { rows: Attention[] }) {
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      {rows.length === 0 ? <p class="muted"><Sign sign="✔" tone="ok">Nothing.</Sign> All endpoints, installs and functions are well.</p> : (
        <ul class="attention">
          {rows.map((row) => (
            <li key={row.kind + row.subject}>
              <Sign sign="▲" tone="warn">{row.subject}</Sign> <span>{row.text}</span> {row.since && <span class="muted">since <When at={row.since} /></span>}
              <Link class="button" to={pageOf(row)} label={`Look at ${row.subject}`}>Look</Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
