import { basename, extname, join } from 'node:path';
import type { Command } from 'commander';
import { fail } from '../src/common/errors.js';
import type { Context } from './context.js';
import type { RunFlags } from './run-flags.js';

/** Options of `gearnn demo --onnx`. */
export interface OnnxDemoFlags {
  quick?: boolean;
  out?: string;
  onnx: string;
  task?: string;
  head?: string;
  channels?: string;
  data?: string;
  port?: number;
  serve?: boolean;
  engine?: RunFlags['engine'];
  threads?: number;
}

/** What is adapted to: what cameras in use do most. */
const LEVELS = ['jpeg=5', 'brightness=0.3'];
/** Optimizer steps of a training that shows something, and of one that shows that it works. */
const STEPS = { usual: 60, quick: 8 };

/**
 * Takes an ONNX file through the commands that a user would type, each shown before it runs: import, adapt without labels, serve with the page.
 *
 * @param program whose commands are run
 */
export async function demoOnnx(context: Context, program: Command, flags: OnnxDemoFlags): Promise<void> {
  if (context.json) fail('E_USAGE', { where: '--json', expected: 'none beside --onnx', got: 'this option' });
  const { quick, out = 'runs/demo', onnx, data, port = 8080, serve = true } = flags;
  const folder = join(out, basename(onnx, extname(onnx)));
  const given = (...names: ('task' | 'head' | 'channels' | 'engine' | 'threads')[]): string[] =>
    names.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}`, String(flags[name])]));
  const computing = given('engine', 'threads');
  const pictures = data ?? `scenes:7@${quick ? '64x96' : '192x256'}`;
  const steps = String(quick ? STEPS.quick : STEPS.usual);
  const levels = (quick ? LEVELS.slice(1) : LEVELS).flatMap((level) => ['--level', level]);
  const calls = [
    ['import', onnx, ...given('task', 'head', 'channels'), '--out', folder, '--force'],
    [
      'adapt',
      '--checkpoint',
      folder,
      '--data',
      pictures,
      ...levels,
      '--steps',
      steps,
      '--budget',
      '1%',
      '--force',
      ...computing,
    ],
    ...(serve ? [['serve', '--checkpoint', folder, '--port', String(port), ...computing]] : []),
  ];
  for (const call of calls) {
    context.note(`$ gearnn ${call.join(' ')}`);
    if (call[0] === 'serve') context.note('Open the address in a browser and drag a slider; Ctrl-C ends it.');
    await program.parseAsync(call, { from: 'user' });
  }
}
