// SPDX-License-Identifier: MIT
// Why a form was refused, in the form, in words.

import type { Problem } from '../api/ask';

export function Refused({ problem }: { problem: Problem | null }) {
  if (problem === null) return null;
  return <p class="refused" role="alert"><span class="error">✖ {problem.message}</span>{problem.help && <> {problem.help}</>} {problem.code && <code class="muted">{problem.code}</code>}</p>;
}
