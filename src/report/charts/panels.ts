import { axisOf } from '../../distort/axis.js';
import { type Level, parseLevel } from '../../distort/level.js';
import { distortionOf } from '../../distort/registry.js';
import type { Tick } from './ticks.js';

/** A level on an axis. */
export interface PanelLevel {
  level: string;
  /** Its value, as the axis shows it. */
  text: string;
}

/** Levels that one curve may join, as they differ in the strength of one kind of distortion alone. */
export interface NumberPanel {
  /** `JPEG quality` */
  name: string;
  scale: 'linear' | 'log';
  /** Whether numbers fall from left to right. */
  falling: boolean;
  /** What the left and the right end stand for. */
  ends: readonly [string, string];
  /** From left to right. */
  levels: (PanelLevel & Tick)[];
}

/** Levels that no number orders, side by side. */
export interface BandPanel {
  name: string;
  scale: 'bands';
  levels: PanelLevel[];
}

export type Panel = NumberPanel | BandPanel;

/** One panel per kind of distortion, in the order in which kinds first appear. Levels of several steps have a panel without numbers. */
export function panelsOf(levels: readonly string[]): Panel[] {
  const groups = new Map<string, Level[]>();
  for (const level of levels.map(readLevel)) {
    const key = panelKey(level);
    groups.set(key, [...(groups.get(key) ?? []), level]);
  }
  return [...groups.values()].map(panelOf);
}

/** A level that this version does not know has no steps, as `clean`. */
function readLevel(text: string): Level {
  try {
    return parseLevel(text);
  } catch {
    return { text, steps: [] };
  }
}

/** What levels of one panel have in common: kinds, and how their values are written, as `0.5x` and `240x180` are not on one axis. */
function panelKey({ steps }: Level): string {
  const form = ({ kind, value, gop }: Level['steps'][number]): string =>
    `${kind} ${typeof value === 'number' ? 'number' : value.replace(/[\d.]+/g, '#')} ${gop}`;
  return steps.map(form).join('+');
}

function panelOf(levels: readonly Level[]): Panel {
  const [step, ...others] = levels[0]!.steps;
  if (!step || others.length > 0) return bandsOf(levels);
  const { label, scale, ends, falling, place } = axisOf(distortionOf(step.kind));
  const placed = levels.flatMap(({ text, steps }) => {
    const { value } = steps[0]!;
    const at = place(value);
    return at === undefined ? [] : [{ level: text, text: String(value), at }];
  });
  if (placed.length < levels.length) return bandsOf(levels);
  return {
    name: step.gop === undefined ? label : `${label}, GOP ${step.gop}`,
    scale: placed.some(({ at }) => at <= 0) ? 'linear' : scale,
    falling,
    ends,
    levels: placed.sort((a, b) => (falling ? b.at - a.at : a.at - b.at)),
  };
}

function bandsOf(levels: readonly Level[]): BandPanel {
  const kinds = levels[0]!.steps.map(({ kind }) => kind);
  return {
    name: kinds.length === 0 ? 'level' : kinds.join(' + '),
    scale: 'bands',
    levels: levels.map(({ text, steps }) => ({
      level: text,
      text: steps.length === 0 ? text : steps.map(({ value }) => value).join(' + '),
    })),
  };
}
