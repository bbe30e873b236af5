import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { withContext, type Context } from './context.js';
import { runConfig } from './experiment.js';
import type { RunFlags } from './run-flags.js';
import type { OnnxDemoFlags } from './demo-onnx.js';
import { addExamples, engineOption, integer, jsonOption, threadsOption } from './options.js';

interface Options extends Pick<RunFlags, 'engine' | 'threads'>, Omit<Partial<OnnxDemoFlags>, 'engine' | 'threads'> {}

/** `gearnn demo`: the whole pipeline on generated streets, from the shipped base to a table; or a network of one's own, to the page. */
export function register(program: Command): void {
  const command = program
    .command('demo')
    .description(
      'run the whole pipeline on generated street scenes: fine-tune, split, adapt, and compare per level; or take an ONNX file from import to the page',
    )
    .option('--quick', 'two levels, few images, one epoch: shows that everything works, not how good it gets')
    .option('--out <dir>', 'folder for results and report; what is done already is kept there', 'runs/demo')
    .option('--onnx <file>', 'a network of your own: import it, adapt it without labels, and serve it with the page')
    .option('--task <name>', 'of an ONNX file, as gearnn import has it')
    .option('--head <kind>', 'of an ONNX file, as gearnn import has it')
    .option('--channels <order>', 'of an ONNX file, as gearnn import has it')
    .option('--data <spec>', 'pictures to adapt an ONNX file on, such as images:photos (default: drawn streets)')
    .addOption(
      new Option('--port <n>', 'port to serve an ONNX file on (default: 8080)').argParser(integer('--port', 0)),
    )
    .option('--no-serve', 'of an ONNX file: end before it is served')
    .addOption(engineOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(
      withContext(async (context: Context, options: Options) => {
        const { quick, out = 'runs/demo', onnx, engine, threads } = options;
        if (onnx !== undefined) {
          const { demoOnnx } = await import('./demo-onnx.js');
          return demoOnnx(context, program, { ...options, onnx });
        }
        const { packageRoot } = await import('../src/common/package-root.js');
        const config = join(packageRoot(), 'experiments', 'demo', quick ? 'quick.json' : 'config.json');
        const folder = quick ? join(out, 'quick') : out;
        await runConfig(context, config, { engine, threads, frames: true, work: join(folder, 'work'), out: folder });
      }),
    );
  addExamples(command, 'gearnn demo', 'gearnn demo --quick', 'gearnn demo --onnx detector.onnx --data images:photos');
}
