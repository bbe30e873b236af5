import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { parseSlice, type Slice } from '../../data/slice.js';
import { isEnough } from '../../eval/bootstrap.js';
import { keepStep } from '../steps/keep.js';
import { CHECKPOINT } from '../steps/outputs.js';
import type { Base, FinetuneTarget } from '../steps/target.js';
import { adaptorStep, networkStep } from '../steps/tune.js';
import { without } from '../without.js';
import { defineMethod, type MethodTools } from './method.js';
import { atLength, divide } from './robust-lengths.js';
import { networkRate, withShare, withStatistics } from './shared-options.js';
import { splitOptions } from './split-method.js';

const length = z.int().positive().optional();

const options = splitOptions.omit({ train: true, around: true, calibrate: true }).extend({
  networkEpochs: length.describe(
    "of the network for all levels. Default: what is left of the levels' fine-tunes, all of `finetune`'s length",
  ),
  adaptorEpochs: length.describe("of each level's adaptor. Default: half of `finetune`'s length"),
  apart: z
    .string()
    .optional()
    .describe(
      'positions `FROM:TO` at either end of the training samples that nothing is trained on, and that decide which adaptors are kept. Default: the last fifth, at least five blocks of `intervals`',
    ),
});

type Options = z.infer<typeof options>;

/**
 * A network for all levels first, then adaptors on it, in as many steps as adaptors alone take. Sensitivities are measured against that
 * network, and a level keeps its adaptor only where it surely wins on samples kept apart.
 */
export const robustBase = defineMethod({
  description: 'one network for all levels, and on it the adaptors of those levels that surely gain by one',
  resident: 'adaptors',
  options,
  prepare(given: Options, tools) {
    const { name, levels, finetune } = tools;
    const { learningRate, statistics } = given;
    const { apart, part } = partsOf(given, tools);
    const lengths = divide(finetune, levels.length, given, `methods.${name}`);
    const all = { ...tools.target(levels[0]!), part, mixture: levels.map((level) => tools.target(level).images) };
    const target: FinetuneTarget = atLength(all, lengths.network);
    const network = networkStep(`network ${name}`, target, networkRate(tools));
    const base: Base = {
      step: network,
      folderIn: (context) => join(context.folderOf(network), CHECKPOINT),
      load: () => tools.base.load(),
    };
    const own = tools.on(base, { finetune: lengths.adaptor, part });
    const choice = without(
      given,
      ...(['learningRate', 'statistics', 'objective', 'share', 'average'] as const),
      ...(['networkEpochs', 'adaptorEpochs', 'apart'] as const),
    );
    return (level) => {
      const split = own.split(level, choice);
      const at = `${name} ${level.text}`;
      const rate = learningRate ?? tools.rate('adaptor', level);
      const step = adaptorStep(`adaptor ${at}`, { ...own.target(level), split }, rate);
      const adaptor = withShare(given, at, base, withStatistics({ statistics }, at, step));
      const { images } = tools.target(level);
      const { evaluator, intervals, seed, base: original } = tools;
      const kept = keepStep(`keep ${at}`, { base, adaptor, images, apart, evaluator, intervals, seed, original });
      return { candidate: { form: 'kept', base, tuned: kept }, split, adaptor: kept, kept };
    };
  },
});

/** The samples kept apart, and those that are trained on. */
function partsOf(
  { apart: text }: Options,
  { name, levels, target, intervals }: MethodTools,
): Record<'apart' | 'part', Slice> {
  const { count, slice } = target(levels[0]!).images;
  const where = `methods.${name}.apart`;
  const { block } = intervals;
  const fewest = 5 * block;
  const given = text === undefined ? undefined : parseSlice(text, slice.split, where);
  const { split } = slice;
  const start = given ? given.start : count - Math.max(Math.ceil(count / 5), fewest);
  const apart = { split, start, end: Math.min(given?.end ?? count, count) };
  const part = apart.start === 0 ? { split, start: apart.end, end: count } : { split, start: 0, end: apart.start };
  const isAtAnEnd = apart.start === 0 || apart.end === count;
  const isRight = given === undefined || given.split === split;
  if (isRight && isAtAnEnd && start >= 0 && part.end > part.start && isEnough(apart.end - apart.start, block)) {
    return { apart, part };
  }
  return fail('E_PIPELINE_CONFIG', {
    where,
    expected: `positions at either end of the ${count} training samples, ${fewest} of them at least (five blocks of ${block}), and others left to train on`,
    got: text === undefined ? 'none, and too few samples for the default' : `"${text}"`,
    todo: 'Give other positions, more samples, or a smaller intervals.block.',
  });
}
