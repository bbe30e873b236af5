import { Option, type Command } from 'commander';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../src/common/errors.js';
import type { FileAnswer } from '../src/serve/files.js';
import { withContext, type Context } from './context.js';
import { addEngineOptions, addExamples, forceOption, jsonOption, type EngineFlags } from './options.js';
import { printJson, stdout } from './output.js';
import { refuseOverwrite } from './overwrite.js';

interface Options extends EngineFlags {
  checkpoint: string;
  adaptors?: string;
  out: string;
  level?: string;
  stream?: boolean;
  between: 'nearest' | 'interpolate';
  jsonl?: string;
  force?: boolean;
}

/** `gearnn infer`: masks of images on disk. */
export function register(program: Command): void {
  const command = program
    .command('infer')
    .description('write a mask for every image, each answered with the adaptor of its own level')
    .argument('<source...>', 'images, folders of images, or patterns in quotes')
    .requiredOption('--checkpoint <dir>', 'base')
    .option('--adaptors <dir>', "its adaptors, one folder per level; the checkpoint's unless said")
    .requiredOption('--out <dir>', 'folder for the masks: PNGs with a class id per pixel')
    .option('--level <level>', "level of every image, such as jpeg=10; each one's own unless said")
    .option('--stream', 'the images are frames of one camera, in the order of their names')
    .addOption(
      new Option('--between <how>', 'what a level between two trained ones gets')
        .choices(['nearest', 'interpolate'])
        .default('nearest'),
    )
    .option('--jsonl <file>', 'a line per image: level, confidence, what was seen, times')
    .addOption(forceOption())
    .addOption(jsonOption());
  addEngineOptions(command);
  command.action(withContext(infer));
  addExamples(
    command,
    'gearnn infer photo.jpg --checkpoint checkpoints/demo --out masks',
    'gearnn infer frames/ --stream --checkpoint checkpoints/demo --out masks --jsonl masks/frames.jsonl',
  );
}

async function infer(context: Context, sources: string[], options: Options): Promise<void> {
  const { checkpoint, adaptors = checkpoint, out, level, stream, between, force } = options;
  const [{ findImages, inferFiles }, { AdaptiveRunner }, { openEngine }] = await Promise.all([
    import('../src/serve/files.js'),
    import('../src/serve/runner.js'),
    import('./engine-start.js'),
  ]);
  const files = await findImages(sources);
  for (const { mask } of files) refuseOverwrite(join(out, mask), force);
  if (options.jsonl !== undefined) refuseOverwrite(options.jsonl, force);
  const signal = context.interruptible();
  await openEngine(context, options);
  const runner = await AdaptiveRunner.load({ checkpoint, adaptors, between });
  const log = options.jsonl === undefined ? undefined : await open(options.jsonl, 'w');
  const levels = new Map<string, number>();
  const onAnswer = async (answer: FileAnswer): Promise<void> => {
    if ('error' in answer) context.note(answer.error.message);
    else levels.set(answer.inference.level, (levels.get(answer.inference.level) ?? 0) + 1);
    await writeLine(log, answer);
  };
  try {
    const { progress } = context;
    const counts = await inferFiles({ runner, files, out, level, stream, progress, signal, onAnswer });
    if (context.json) printJson({ ...counts, levels: Object.fromEntries(levels) });
    else stdout(`${out}: ${[...levels].map(([text, count]) => `${count} at ${text}`).join(', ') || 'nothing'}`);
    if (counts.failed > 0) {
      fail('E_INFER', {
        where: sources.join(' '),
        expected: 'images that can be answered',
        got: `${counts.failed} of ${files.length} that cannot`,
        todo: 'The lines above name each; all others have their masks.',
      });
    }
  } finally {
    await log?.close();
    runner.dispose();
  }
}

async function writeLine(log: FileHandle | undefined, answer: FileAnswer): Promise<void> {
  if (!log) return;
  if ('error' in answer) {
    const { code, message } = answer.error;
    return void (await log.write(`${JSON.stringify({ source: answer.path, error: message, code })}\n`));
  }
  const { width, height, level, confidence, source: how, seen, mixed, timings } = answer.inference;
  const line = { source: answer.path, mask: answer.mask, width, height, level, confidence, how, seen, mixed, timings };
  await log.write(`${JSON.stringify(line)}\n`);
}
