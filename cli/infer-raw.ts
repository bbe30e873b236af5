import { plural } from '../src/common/plural.js';
import { basename, extname, join } from 'node:path';
import { fail } from '../src/common/errors.js';
import type { Context } from './context.js';
import type { InferFlags } from './infer-run.js';
import { printJson, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

/** Writes every output of a network for each picture: `NAME.npz`, an array under each output's name. */
export async function inferRaw(context: Context, pictures: readonly string[], flags: InferFlags): Promise<void> {
  const { checkpoint: folder, out, force, level, adaptors = folder } = flags;
  if (out === undefined) fail('E_USAGE', { where: '--out', expected: 'a folder for the arrays', got: 'none' });
  const targets = pictures.map((path) => join(out, `${basename(path, extname(path))}.npz`));
  const twice = targets.find((target, i) => targets.indexOf(target) < i);
  if (twice !== undefined)
    fail('E_USAGE', { where: '--raw', expected: 'pictures of different names', got: `two for ${twice}` });
  for (const target of targets) refuseOverwrite(target, force);
  const [{ loadCheckpoint, networkOf }, { loadTuned }, { pictureFor }, { rawOutputs }, { writeFileAtomic }] =
    await Promise.all([
      import('../src/models/checkpoint.js'),
      import('../src/adaptor/merge.js'),
      import('../src/eval/picture-tensor.js'),
      import('../src/eval/raw-outputs.js'),
      import('../src/common/files.js'),
    ]);
  const { openEngine } = await import('./engine-start.js');
  await openEngine(context, flags);
  const base = await loadCheckpoint(folder);
  const network = networkOf(level === undefined ? base : await loadTuned(base, join(adaptors, level)));
  const names = new Set<string>();
  try {
    for (const [i, path] of pictures.entries()) {
      const images = await pictureFor(network, path);
      const { names: own, bytes } = rawOutputs(network, images);
      images.dispose();
      for (const name of own) names.add(name);
      await writeFileAtomic(targets[i]!, bytes);
    }
  } finally {
    network.dispose();
  }
  if (context.json) return printJson({ answered: pictures.length, outputs: [...names] });
  summary(`${out}: ${plural(pictures.length, 'picture')}, each with ${[...names].join(', ')}`);
}
