// SPDX-License-Identifier: MIT
// A plot, the same as a table, and in one sentence. The plot's own code comes when first needed.

import { useEffect, useRef, useState } from 'preact/hooks';

import type { Stats, StatsPoint } from '../../api/types';
import { useCell } from '../../cell';
import { useKeys } from '../../frame/keys';
import { theme } from '../../frame/look';
import { clock, isUtc } from '../../words/when';

export interface Line { name: string; tone: 'ok' | 'warn' | 'error' | 'link'; dash?: number[]; of: (point: StatsPoint) => number | null }

// step: moves the cursor, 0 takes it away; whole: ends a zoom.
export interface Drawn { update: (stats: Stats) => void; step: (by: number) => void; whole: () => void; end: () => void }

interface Props { title: string; unit: string; stats: Stats; lines: Line[] }

const number = (n: number | null): string => (n === null ? '–' : n >= 100 ? n.toFixed(0) : n.toFixed(n >= 10 ? 1 : 2).replace(/\.?0+$/, ''));

// "received peaked at 40 at 14:01; now 20".
function summaryOf(stats: Stats, lines: Line[], unit: string): string {
  const words = lines.flatMap((line) => {
    let peak: StatsPoint | null = null;

    for (const point of stats.points) if ((line.of(point) ?? 0) > (peak ? line.of(peak) ?? 0 : 0)) peak = point;
    return peak ? [`${line.name} peaked at ${number(line.of(peak))} at ${clock(peak.at)}`] : [];
  });

  return words.length > 0 ? `${words.join('; ')} (${unit}).` : 'Nothing in this span.';
}

// The key 0 ends the zoom of all of them.
const ends = new Set<() => void>();
const whole = (): void => { for (const end of ends) end(); };

export function Chart({ title, unit, stats, lines }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const latest = useRef(stats);
  const look = useCell(theme);
  const utc = useCell(isUtc);
  const [isTable, setIsTable] = useState(false);
  const [point, setPoint] = useState<number | null>(null);
  const under = point === null ? undefined : stats.points[point];
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1000, End: 1000, Escape: 0 }[event.key];

    if (by === undefined) return;
    event.preventDefault();
    drawn.current?.step(by);
  };

  useKeys({ 0: () => whole() });
  useEffect(() => {
    const end = (): void => drawn.current?.whole();

    ends.add(end);
    return () => { ends.delete(end); };
  }, []);

  latest.current = stats;
  useEffect(() => {
    let isOver = false;

    if (!isTable)
      void import('./plot').then(({ draw }) => {
        if (!isOver && box.current) drawn.current = draw(box.current, latest.current, lines, utc, setPoint);
      });
    return () => {
      isOver = true;
      drawn.current?.end();
      drawn.current = null;
    };
  }, [isTable, look, utc]);
  useEffect(() => drawn.current?.update(stats), [stats]);
  return (
    <section class="chart" aria-label={title}>
      <header><h2>{title}<span class="muted">, {unit}</span></h2>
        <ul class="legend">{lines.map(({ name, tone, dash }) => <li key={name}><svg width="22" height="8" aria-hidden="true" class={tone}><line x1="0" y1="4" x2="22" y2="4" stroke="currentColor" stroke-width="2" stroke-dasharray={dash?.join()} /></svg>{name}</li>)}</ul>
        <button type="button" class="quiet" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>Table</button>
      </header>
      {isTable ? (
        <div class="chart-table" tabIndex={0} role="region" aria-label={`${title}, table`}>
          <table><thead><tr><th scope="col">Time</th>{lines.map(({ name }) => <th key={name} scope="col" class="number">{name}</th>)}</tr></thead>
            <tbody>{stats.points.map((point) => <tr key={point.at}><th scope="row">{clock(point.at)}</th>{lines.map((line) => <td key={line.name} class="number">{number(line.of(point))}</td>)}</tr>)}</tbody></table>
        </div>
      ) : <div class="plot" ref={box} role="img" tabIndex={0} aria-label={`${title}: ${summaryOf(stats, lines, unit)} The arrows read it point by point.`} onKeyDown={onKey} onBlur={() => drawn.current?.step(0)} />}
      <p class="muted summary" aria-live="polite">{under ? `${clock(under.at)}: ${lines.map((line) => `${line.name} ${number(line.of(under))}`).join(', ')}` : summaryOf(stats, lines, unit)}
        {!isTable && <span class="hint"> Drag zooms, <kbd>0</kbd> resets.</span>}</p>
    </section>
  );
}
