import { openDataset } from '../../src/data/registry.js';
import { saveCheckpoint } from '../../src/models/checkpoint.js';
import { createNetwork } from '../../src/models/registry.js';
import { stateDict } from '../../src/models/state-dict.js';

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
