import * as Plot from '@observablehq/plot';
import { INK, type Width } from './svg.js';

/** A stretch of items that belong to one part of the network. */
export interface Block {
  /** `0`, `seg`: what distinguishes it. */
  name: string;
  /** Index of its first item, and of the one after its last. */
  start: number;
  end: number;
}

/**
 * The parts that items' names begin with, in order: `base.0.1.weight` and `base.0.0.weight` are of part `base.0`.
 *
 * @returns with the beginning that all numbered parts share left out: `0`, `1`, ... and `seg`
 */
export function blocksOf(names: readonly string[]): Block[] {
  const blocks: (Block & { path: string })[] = [];
  for (const [index, name] of names.entries()) {
    const path = /^[^.]+\.\d+(?=\.)/.exec(name)?.[0] ?? name.split('.')[0]!;
    const last = blocks.at(-1);
    if (last?.path === path) last.end = index + 1;
    else blocks.push({ path, name: path, start: index, end: index + 1 });
  }
  const stems = new Set(blocks.filter(({ path }) => path.includes('.')).map(({ path }) => path.split('.')[0]));
  return blocks.map(({ path, start, end }) => ({
    name: stems.size === 1 ? path.split('.').at(-1)! : path,
    start,
    end,
  }));
}

/** Rules between the parts, and their names below the axis where there is room. */
export function blockMarks(names: readonly string[], width: Width): Plot.Markish[] {
  const blocks = blocksOf(names);
  const least = names.length / (width === 'wide' ? 60 : 25);
  return [
    Plot.ruleX(blocks.slice(1), { x: 'start', stroke: INK.muted, strokeOpacity: 0.5, strokeWidth: 0.75 }),
    Plot.text(
      blocks.filter(({ start, end }) => end - start > least),
      {
        x: ({ start, end }: Block) => (start + end) / 2,
        text: 'name',
        frameAnchor: 'bottom',
        dy: 14,
        fill: INK.muted,
      },
    ),
  ];
}
