import { plural } from '../src/common/plural.js';
import { basename, extname, join } from 'node:path';
import { fail } from '../src/common/errors.js';
import type { Context } from './context.js';
import { byLevel, type InferFlags } from './infer-run.js';
import { calibrationOf } from './options.js';
import { printJson, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

/** Outputs that a line names. */
const MOST_NAMES = 8;

/** Writes every output of a network for each picture: `NAME.npz`, an array under each output's name. */
export async function inferRaw(context: Context, pictures: readonly string[], flags: InferFlags): Promise<void> {
  const { checkpoint, adaptors, out, force, level, size, reference } = flags;
  if (out === undefined) fail('E_USAGE', { where: '--out', expected: 'a folder for the arrays', got: 'none' });
  const targets = pictures.map((path) => join(out, `${basename(path, extname(path))}.npz`));
  const twice = targets.find((target, i) => targets.indexOf(target) < i);
  if (twice !== undefined)
    fail('E_USAGE', { where: '--raw', expected: 'pictures of different names', got: `two for ${twice}` });
  for (const target of targets) refuseOverwrite(target, force);
  const { RawRunner } = await import('../src/serve/raw-runner.js');
  const { readReference } = await import('../src/serve/reference.js');
  const { writeFileAtomic } = await import('../src/common/files.js');
  const { openEngine } = await import('./engine-start.js');
  await openEngine(context, flags);
  const runner = await RawRunner.load({
    ...{ checkpoint, adaptors, level, size: size && { height: size[0], width: size[1] } },
    reference: reference === undefined ? undefined : await readReference(reference),
    calibration: calibrationOf(flags),
    warn: (message) => context.note(`warning: ${message}`),
  });
  const names = new Set<string>();
  const levels: Record<string, number> = {};
  try {
    for (const [i, path] of pictures.entries()) {
      const answer = await runner.answer(path);
      for (const name of answer.names) names.add(name);
      levels[answer.level] = (levels[answer.level] ?? 0) + 1;
      await writeFileAtomic(targets[i]!, answer.bytes);
    }
  } finally {
    runner.dispose();
  }
  if (context.json) return printJson({ answered: pictures.length, outputs: [...names], levels });
  const by = level === undefined ? '' : `: ${byLevel(levels)}`;
  summary(`${out}: ${plural(pictures.length, 'picture')}, each with ${namesText([...names])}${by}`);
}

/** Names of outputs, as many as a line holds. */
function namesText(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 1 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}
