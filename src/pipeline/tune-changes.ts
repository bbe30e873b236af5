import { fail } from '../common/errors.js';
import type { Level } from '../distort/level.js';
import { parseRange } from '../distort/range.js';

/** How the fine-tunes of a method differ from those of the experiment, those that items are chosen by among them. */
export interface TuneChanges {
  /** Samples that they are trained on, as a slice's text. Default: the experiment's. */
  train?: string;
  /** What they are for. Default: the labels. */
  objective?: string;
  /** Share of the steps that weights are averaged over. Default: they are not. */
  average?: number;
  /** By level, the range of levels that its images are drawn from. Default: the level itself. */
  around?: Readonly<Record<string, string>>;
}

/** Those that are among a method's options. */
export function changesIn({ train, objective, average, around }: TuneChanges): TuneChanges {
  return { train, objective, average, around };
}

/** What ids say of the changes at a level: nothing of what is as in other methods. */
export function wordsOf(
  { train, objective = 'labels', average, around = {} }: TuneChanges | undefined = {},
  level?: Level,
): string[] {
  const range = level && around[level.text];
  return [
    ...(train === undefined ? [] : [`train=${train}`]),
    ...(objective === 'labels' ? [] : [`objective=${objective}`]),
    ...(average === undefined ? [] : [`average=${average}`]),
    ...(range === undefined ? [] : [`around=${range}`]),
  ];
}

/**
 * The levels that images of a level are drawn from; undefined where they are its own.
 *
 * @param where the field, for messages
 * @throws E_PIPELINE_CONFIG for a range that does not hold the level, E_DISTORT_LEVEL for a text that is none
 */
export function drawnFrom(level: Level, around: TuneChanges['around'], where: string): Level[] | undefined {
  const text = around?.[level.text];
  if (text === undefined) return undefined;
  const { levels } = parseRange(text);
  if (levels.some((other) => other.text === level.text)) return levels;
  return fail('E_PIPELINE_CONFIG', {
    where,
    expected: `a range that holds ${level.text}`,
    got: `"${text}", which has ${levels[0]!.text} to ${levels.at(-1)!.text}`,
    todo: 'Widen it, or write its last decimal as the level has it.',
  });
}

/** @throws E_PIPELINE_CONFIG for a key that is none of the levels */
export function checkAround(around: TuneChanges['around'], levels: readonly Level[], where: string): void {
  const known = levels.map(({ text }) => text);
  const stranger = Object.keys(around ?? {}).find((text) => !known.includes(text));
  if (stranger === undefined) return;
  fail('E_PIPELINE_CONFIG', {
    where,
    expected: `levels of the experiment (${known.join(', ')}) and the ranges around them`,
    got: `"${stranger}"`,
  });
}
