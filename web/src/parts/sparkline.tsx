// SPDX-License-Identifier: MIT
// The last hour in a word's room: a bar for each five minutes.

import { count } from '../words/count';

const WIDTH = 5;
const GAP = 1;
const HEIGHT = 18;
const LOWEST = 1.5; // what is not nothing can be seen

export function Sparkline({ values, what }: { values: (number | null)[] | undefined; what: string }) {
  if (!values || values.length === 0) return <span class="muted">–</span>;
  const most = Math.max(1, ...values.map((one) => one ?? 0));
  const sum = values.reduce<number>((n, one) => n + (one ?? 0), 0);
  const text = `${count(sum)} ${what} in the last hour, at most ${count(most)} in five minutes, now ${count(values.at(-1) ?? 0)}`;

  return (
    <svg class="sparkline" width={values.length * (WIDTH + GAP)} height={HEIGHT} role="img" aria-label={text}>
      <title>{text}</title>
      {values.map((one, i) => {
        const height = one ? Math.max(LOWEST, one / most * HEIGHT) : 1;

        return <rect key={i} class={one ? '' : 'none'} x={i * (WIDTH + GAP)} y={HEIGHT - height} width={WIDTH} height={height} />;
      })}
    </svg>
  );
}
