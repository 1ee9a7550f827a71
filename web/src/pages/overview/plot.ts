// SPDX-License-Identifier: MIT
// Drawing with uPlot; loaded only where there is something to draw.

import uPlot from 'uplot';

import type { Stats } from '../../api/types';
import type { Drawn, Line } from './chart';

const HEIGHT = 150;

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const dataOf = (stats: Stats, lines: Line[]): uPlot.AlignedData => [
  stats.points.map(({ at }) => Date.parse(at) / 1000), ...lines.map((line) => stats.points.map((point) => line.of(point))),
];

// A value without neighbours has no line: it is drawn as a dot.
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const found: number[] = [];

  for (let i = 0; i < values.length; i++)
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
  return found;
}

export function draw(box: HTMLElement, first: Stats, lines: Line[], isUtc: boolean): Drawn {
  let stats = first;
  const axis = { stroke: () => colour('muted'), grid: { stroke: () => colour('line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const plot = new uPlot({
    width: Math.max(200, box.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: 'overview' }, points: { size: 6 }, y: false },
    tzDate: (at) => (isUtc ? uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') : new Date(at * 1000)),
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [{ ...axis, values: '{HH}:{mm}', size: 30 }, { ...axis, size: 46, space: 32 }],
    series: [{}, ...lines.map(({ name, tone, dash }) => ({ label: name, stroke: () => colour(tone), width: 1.5, spanGaps: false, points: { show: true, size: 5, fill: () => colour(tone), filter: alone }, ...(dash && { dash }) }))],
  }, dataOf(stats, lines), box);
  const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(200, box.clientWidth), height: HEIGHT }));
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const repaint = (): void => plot.redraw();

  watch.observe(box);
  dark.addEventListener('change', repaint);
  return {
    update: (next) => {
      stats = next;
      plot.setData(dataOf(stats, lines));
    },
    end: () => {
      watch.disconnect();
      dark.removeEventListener('change', repaint);
      plot.destroy();
    },
  };
}
