import type { Command } from 'commander';
import { withContext, type Context } from './context.js';
import type { DetectionSize } from '../src/detect/transform.js';
import type { Fit } from '../src/image/fit.js';
import { addExamples, epsilonOption, fitOption, sidesOption, widthOption } from './options.js';
import { printJson } from './output.js';
import { addTrainingOptions, printOutcome, withTraining, type TrainingFlags } from './training.js';

interface Options extends TrainingFlags {
  model: string;
  width: number;
  epsilon?: number;
  fit?: Fit;
  sides?: DetectionSize;
  init?: string;
}

/** `gearnn train` */
export function register(program: Command): void {
  const command = program
    .command('train')
    .description('train a base network on clean images, and write a checkpoint')
    .requiredOption('--model <name>', 'network, as gearnn model list shows it')
    .addOption(widthOption())
    .addOption(epsilonOption())
    .addOption(fitOption())
    .addOption(sidesOption())
    .option(
      '--init <file>',
      'safetensors with first weights, of a part of the network or of all of it (default: drawn)',
    );
  addTrainingOptions(command, { epochs: '40', learningRate: '0.01', others: (own) => own });
  command.action(withContext(train));
  addExamples(
    command,
    'gearnn train --data scenes:7 --model drn-d-22 --width 0.25 --size 64x128 --epochs 1 --seed 1 --out runs/base',
    'gearnn train --data camvid:CamVid --model drn-d-22 --size 224x320 --precision bf16 --validate val --out runs/base',
    'gearnn train --data imagefolder:photos --model resnet-18 --fit 256:224 --batch 32 --validate val --out runs/base',
    'gearnn train --data pennfudan:PennFudan --model maskrcnn-efficientnet-lite0-fpn --init lite0.safetensors --size 320x448 --validate val --out runs/base',
    'gearnn train --data camvid:CamVid --model drn-d-22 --size 224x320 --precision bf16 --validate val --out runs/base --resume',
  );
}

async function train(context: Context, { model, width, epsilon, fit, sides, init, ...flags }: Options): Promise<void> {
  const { trainBase } = await import('../src/train/train-base.js');
  const own = { model, width, epsilon, fit, sides, init };
  const outcome = await withTraining(context, flags, (options) => trainBase({ ...options, ...own }), {
    files: { '--init': init },
  });
  const { record, hash, warnings } = outcome;
  if (context.json) return printJson({ checkpoint: flags.out, hash, ...record, warnings });
  printOutcome(outcome, flags.out);
}
