import { join } from 'node:path';
import { sha256File, writeFileAtomic } from '../../common/files.js';
import { decodeSafetensors, encodeSafetensors, toFloat32 } from '../../models/safetensors.js';
import type { StateDict } from '../../models/state-dict.js';
import { lossGradients } from '../../train/loss-gradients.js';
import type { Step, StepContext } from '../graph.js';
import type { StepKind } from '../step-kinds.js';
import { trainingWorkload } from '../work/training.js';
import { without } from '../without.js';
import { finetuneIdentity, finetuneOptions } from './finetune.js';
import type { FinetuneTarget } from './target.js';
import { readFile } from '../../common/read-file.js';

const GRADIENTS = 'gradients.safetensors';

/**
 * Gradients of the loss at a level at the base's weights, over one epoch of training batches.
 *
 * @param id `gradients LEVEL`
 */
export function gradientsStep(id: string, target: FinetuneTarget): Step<{ hash: string }> {
  const { settings, inputs } = finetuneIdentity(target);
  return {
    id,
    kind: 'gradients' satisfies StepKind,
    version: 1,
    settings: without(settings, 'epochs', 'schedule', 'momentum', 'weightDecay', 'average'),
    inputs,
    // The same passes as training, and one epoch of them.
    workloads: [trainingWorkload(target, { epochs: 1 })],
    async run(context) {
      const gradients = await lossGradients(await finetuneOptions(context, target));
      const path = join(context.folder, GRADIENTS);
      const tensors = new Map([...gradients].map(([name, values]) => [name, { dtype: 'F32' as const, ...values }]));
      await writeFileAtomic(path, encodeSafetensors(tensors));
      return { output: { hash: await sha256File(path) } };
    },
  };
}

/** What such a step wrote, for a step that has it among its inputs. */
export async function readGradients(context: StepContext, step: Step): Promise<StateDict> {
  const path = join(context.folderOf(step), GRADIENTS);
  const { tensors } = decodeSafetensors(await readFile(path), path);
  return new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]));
}
