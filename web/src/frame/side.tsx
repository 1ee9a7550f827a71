// SPDX-License-Identifier: MIT
// The bar on the left: seven words, and where else to go.

import type { Status } from '../api/types';
import { useCell } from '../cell';
import { counters } from '../live/stream';
import { Link } from '../parts/link';
import { count } from '../words/count';
import { placeOf, places } from './places';

export function Side({ path, status }: { path: string; status: Status | null }) {
  const now = useCell(counters);
  const here = placeOf(path);
  const dead = now?.dead ?? status?.dead_letters ?? 0;

  return (
    <nav class="side" id="pages" aria-label="Pages">
      <ul>
        {places.map((place) => (
          <li key={place.path}>
            <Link to={place.path} current={place === here} keys={`g ${place.key}`}>
              <span>{place.title}</span>
              {place.path === '/dead' && dead > 0 && <span class="badge">{count(dead)}<span class="unseen"> waiting for you</span></span>}
            </Link>
          </li>
        ))}
      </ul>
      {status?.emulator && <p class="elsewhere"><a href={status.emulator} target="_blank" rel="noreferrer">Emulator <span aria-hidden="true">↗</span><span class="unseen"> (opens a tab)</span></a></p>}
      <p class="foot muted">
        {status && <span>v{status.version}</span>}
        <a href="/api/v1/status">API</a>
        <a href="/metrics">metrics</a>
      </p>
    </nav>
  );
}
