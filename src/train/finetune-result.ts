import { readAdaptorConfig, saveAdaptor } from '../adaptor/file.js';
import { readCheckpointConfig, saveCheckpoint, type Checkpoint } from '../models/checkpoint.js';
import { stateDict } from '../models/state-dict.js';
import type { Adaptation } from './adaptations/adaptation.js';
import type { RunResult } from './run.js';
import type { Run } from './run-parts.js';

/** What decides on what is saved of a fine-tune. */
interface Saved extends Pick<Run, 'storage'> {
  adaptation: Adaptation;
  samples: Pick<Run['samples'], 'level'>;
}

/** How a fine-tune of a base is saved: as a checkpoint, or as an adaptor. */
export function resultOf(run: Saved, base: Checkpoint, out: string): Pick<RunResult, 'save' | 'readTraining'> {
  return run.adaptation.result === 'adaptor' ? adaptorResult(run, base, out) : networkResult(run, base, out);
}

/** A checkpoint with everything of the base's but the weights. */
function networkResult({ storage }: Saved, { config, folder }: Checkpoint, out: string): ReturnType<typeof resultOf> {
  const { network, task, classes, ignore, preprocessing, onnx } = config;
  return {
    async save(tuned, record) {
      const saved = { network, ...(task && { task }), classes, ignore, preprocessing, storage, ...(onnx && { onnx }) };
      await saveCheckpoint(out, { ...saved, training: { ...record } }, stateDict(tuned), tuned.parameters, folder);
    },
    readTraining: async () => (await readCheckpointConfig(out)).training,
  };
}

function adaptorResult(
  { adaptation, samples }: Saved,
  { config, hash }: Checkpoint,
  out: string,
): ReturnType<typeof resultOf> {
  const { network, classes } = config;
  return {
    async save(tuned, record, own = stateDict(tuned)) {
      const fields = adaptation.open(tuned).fields!;
      const saved = { level: samples.level, base: hash, network, classes, ...fields };
      await saveAdaptor(out, { ...saved, training: { ...record } }, own);
    },
    readTraining: async () => (await readAdaptorConfig(out)).training,
  };
}
