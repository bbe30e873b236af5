import type { Dataset, Sample } from '../../../src/data/dataset.js';
import type { LabelMap } from '../../../src/image/pixels.js';
import { labelMaps } from '../../../src/tasks/segmentation/targets.js';

/** Two images of one colour with labels of one class; no files. */
export function proceduralDataset(): Dataset {
  const readLabel = async ({ id }: Sample): Promise<LabelMap> => ({
    data: new Uint8Array(4).fill(id === 'val/1' ? 1 : 0),
    width: 2,
    height: 2,
  });
  return {
    spec: 'colours:1',
    name: 'colours',
    root: null,
    classes: [
      { name: 'dark', color: [0, 0, 0] },
      { name: 'bright', color: [255, 255, 255] },
    ],
    ignore: 255,
    targets: labelMaps(255),
    splits: ['val'],
    samples: () => ['val/0', 'val/1'].map((id) => ({ id, image: '', label: '' })),
    readImage: async ({ id }) => ({
      data: new Uint8Array(12).fill(id === 'val/1' ? 100 : 0),
      width: 2,
      height: 2,
      channels: 3,
    }),
    readTarget: readLabel,
    readLabel,
  };
}
