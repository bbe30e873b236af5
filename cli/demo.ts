import { join } from 'node:path';
import type { Command } from 'commander';
import { withContext, type Context } from './context.js';
import { runConfig } from './experiment.js';
import type { RunFlags } from './run-flags.js';
import { addExamples, engineOption, jsonOption, threadsOption } from './options.js';

interface Options extends Pick<RunFlags, 'engine' | 'threads'> {
  quick?: boolean;
  out?: string;
}

/** `gearnn demo`: the whole pipeline on generated streets, from the shipped base to a table. */
export function register(program: Command): void {
  const command = program
    .command('demo')
    .description('run the whole pipeline on generated street scenes: fine-tune, split, adapt, and compare per level')
    .option('--quick', 'two levels, few images, one epoch: shows that everything works, not how good it gets')
    .option('--out <dir>', 'folder for results and report; what is done already is kept there', 'runs/demo')
    .addOption(engineOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(
      withContext(async (context: Context, { quick, out = 'runs/demo', ...flags }: Options) => {
        const { packageRoot } = await import('../src/common/package-root.js');
        const config = join(packageRoot(), 'experiments', 'demo', quick ? 'quick.json' : 'config.json');
        const folder = quick ? join(out, 'quick') : out;
        await runConfig(context, config, { ...flags, frames: true, work: join(folder, 'work'), out: folder });
      }),
    );
  addExamples(command, 'gearnn demo', 'gearnn demo --quick');
}
