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

export function draw(box: HTMLElement, first: Stats, lines: Line[], isUtc: boolean, onPoint: (at: number | null) => void): Drawn {
  let stats = first;
  let isZoomed = false;
  let at: number | null = null;
  const axis = { stroke: () => colour('muted'), grid: { stroke: () => colour('line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const plot = new uPlot({
    width: Math.max(200, box.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: 'overview' }, points: { size: 6 }, y: false },
    tzDate: (at) => (isUtc ? uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') : new Date(at * 1000)),
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    hooks: {
      setCursor: [(self) => { at = self.cursor.idx ?? null; onPoint(at); }],
      setSelect: [(self) => { isZoomed = self.select.width > 0; }],
    },
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
      plot.setData(dataOf(stats, lines), !isZoomed);
      if (isZoomed) plot.redraw();
    },
    step: (by) => {
      const last = stats.points.length - 1;
      const next = by === 0 ? null : Math.max(0, Math.min(last, at === null ? last : at + by));

      if (next === null) {
        plot.setCursor({ left: -10, top: -10 });
        return;
      }
      plot.setCursor({ left: plot.valToPos(Date.parse(stats.points[next]?.at ?? '') / 1000, 'x'), top: 0 });
    },
    whole: () => {
      isZoomed = false;
      plot.setData(dataOf(stats, lines), true);
    },
    end: () => {
      watch.disconnect();
      dark.removeEventListener('change', repaint);
      plot.destroy();
    },
  };
}
