// SPDX-License-Identifier: MIT
// What the tabs of an attempt's requests share: "1 / 4", when it made more than one; how often
// that one was sent; headers.

import type { Exchange } from '../../api/types';

export function Pager({ n, at, onPick, what }: { n: number; at: number; onPick: (at: number) => void; what: string }) {
  if (n < 2) return null;
  return (
    <span class="pager">
      <button type="button" class="quiet" aria-label={`${what} before`} disabled={at === 0} onClick={() => onPick(at - 1)}>◀</button>
      <span>{at + 1} / {n}</span>
      <button type="button" class="quiet" aria-label={`${what} after`} disabled={at === n - 1} onClick={() => onPick(at + 1)}>▶</button>
    </span>
  );
}

// The endpoint may have had each of them.
export function Sends({ of: request }: { of: Exchange | undefined }) {
  if (!request?.sends || request.sends < 2) return null;
  return <p class="muted">sent {request.sends} times: the connection ended without an answer</p>;
}

export function Headers({ headers }: { headers: Record<string, string> | null }) {
  const rows = Object.entries(headers ?? {});

  if (rows.length === 0) return null;
  return <table class="headers"><caption class="unseen">Headers</caption><tbody>{rows.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td>{String(value)}</td></tr>)}</tbody></table>;
}
