import { join } from 'node:path';
import { saveAdaptor } from '../../src/adaptor/file.js';
import { Random } from '../../src/common/random.js';
import { openDataset } from '../../src/data/registry.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/models/checkpoint.js';
import { createNetwork } from '../../src/models/registry.js';
import { stateDict } from '../../src/models/state-dict.js';
import { itemsOf } from '../../src/select/items.js';

/** Pictures with objects that the detector is for. */
export const OBJECTS = 'scenes:7@96x160/instances';

/** Writes a narrow Mask R-CNN with first weights, which finds something everywhere. @returns the folder */
export async function writeFreshDetector(folder: string): Promise<string> {
  const { classes, ignore } = await openDataset(OBJECTS);
  const spec = { name: 'maskrcnn-efficientnet-lite0-fpn', classes: classes.length, width: 0.25 };
  const network = createNetwork(spec, { seed: 3, preprocessing: { sides: { shortest: 192, longest: 320 } } });
  const config = { network: spec, task: 'instances' as const, classes: [...classes], ignore };
  const settings = { preprocessing: network.input.preprocessing, storage: 'fp32' as const, training: {} };
  await saveCheckpoint(folder, { ...config, ...settings }, stateDict(network), network.parameters);
  network.dispose();
  return folder;
}

/** Writes an adaptor of a detector that changes its normalizations and the last layers of its boxes and masks. @returns its folder */
export async function writeDetectorAdaptor(checkpoint: string, adaptors: string, level: string): Promise<string> {
  const { config, hash } = await loadCheckpoint(checkpoint);
  const network = createNetwork(config.network, { seed: 3 });
  const state = stateDict(network);
  const items = itemsOf(network.parameters).filter(({ name }) =>
    /bn\d?\.(weight|bias)$|_predictor|mask_fcn_logits/.test(name),
  );
  network.dispose();
  for (const { name } of items) {
    const random = Random.of(7, level, name);
    state.get(name)!.data.forEach((value, i, data) => (data[i] = value + 0.1 * (random.next() - 0.5)));
  }
  const parameters = items.reduce((sum, { size }) => sum + size, 0);
  const about = { level, base: hash, network: config.network, classes: config.classes, training: {}, parameters };
  const parts = items.map(({ name, tensors, size }) => ({ name, tensors: [...tensors], size }));
  await saveAdaptor(join(adaptors, level), { ...about, items: parts, budget: { text: '5%', parameters } }, state);
  return join(adaptors, level);
}
