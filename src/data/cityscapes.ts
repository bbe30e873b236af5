import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { decodeInstanceMap } from '../image/instances.js';
import type { InstanceMap } from '../image/pixels.js';
import type { Dataset, Sample } from './dataset.js';
import { readDescriptor } from './descriptor.js';
import { FolderDataset } from './folder.js';
import { listFolder } from './list-folder.js';
import { readSampleFile } from './sample-file.js';
import { snippets } from './snippets.js';

const IMAGE = '_leftImg8bit.png';
const LABEL_IDS = '_gtFine_labelIds.png';
const TRAIN_IDS = '_gtFine_labelTrainIds.png';
const INSTANCE_IDS = '_gtFine_instanceIds.png';

/**
 * Cityscapes as its archives unpack: `leftImg8bit/SPLIT/CITY/*_leftImg8bit.png` and `gtFine/SPLIT/CITY/*_gtFine_labelIds.png`.
 * The 34 label ids become the 19 classes of the benchmark; where `*_labelTrainIds.png` exist, those are read instead.
 *
 * @source github.com/mcordts/cityscapesScripts, helpers/labels.py
 */
export async function openCityscapes(root: string, spec: string): Promise<Dataset> {
  const samples = new Map<string, Sample[]>();
  for (const split of (await listFolder(join(root, 'leftImg8bit'), 'folders')) ?? []) {
    const found = await samplesOf(root, split);
    if (found.length > 0) samples.set(split, found);
  }
  if (samples.size === 0) {
    fail('E_DATA_ROOT', {
      where: root,
      expected: `leftImg8bit/SPLIT/CITY/*${IMAGE}`,
      got: 'no such file',
      todo: 'Unpack leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip there, and give that folder: cityscapes:DIR.',
    });
  }
  return new CityscapesDataset(spec, root, samples);
}

/** Every image of a split and every label map, so that one without the other is a sample that a check names. */
async function samplesOf(root: string, split: string): Promise<Sample[]> {
  const folders = [join(root, 'leftImg8bit', split), join(root, 'gtFine', split)] as const;
  const cities = await Promise.all(folders.map((folder) => listFolder(folder, 'folders')));
  const samples: Sample[] = [];
  for (const city of new Set(cities.flatMap((names) => names ?? []).sort())) {
    const [images, labels] = await Promise.all(
      folders.map(async (folder) => new Set(await listFolder(join(folder, city), 'files'))),
    );
    const ids = [...idsIn(images!, IMAGE), ...idsIn(labels!, LABEL_IDS), ...idsIn(labels!, TRAIN_IDS)];
    for (const id of new Set(ids.sort())) {
      const label = id + (labels!.has(id + TRAIN_IDS) ? TRAIN_IDS : LABEL_IDS);
      samples.push({
        id,
        image: `leftImg8bit/${split}/${city}/${id}${IMAGE}`,
        label: `gtFine/${split}/${city}/${label}`,
      });
    }
  }
  return samples;
}

function idsIn(names: Iterable<string>, ending: string): string[] {
  return [...names].filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}

class CityscapesDataset extends FolderDataset {
  constructor(spec: string, root: string, samples: Map<string, Sample[]>) {
    const { name, classes, ignore, ids } = readDescriptor('cityscapes');
    const idsOf = ({ label }: Sample): typeof ids | undefined => (label.endsWith(TRAIN_IDS) ? undefined : ids);
    super({ spec, name, root, classes, ignore, samples, recordings: snippets(root, samples), ids: idsOf });
  }

  /** `leftImg8bit/SPLIT/CITY/...`: a city was driven in one go. */
  driveOf({ image }: Sample): string {
    return image.split('/')[2]!;
  }

  /** The file's ids, `labelId * 1000 + number`, where there is a single object; 0 elsewhere (groups, and classes without objects). */
  async readInstances(sample: Sample): Promise<InstanceMap> {
    const path = join(this.root, sample.label.replace(TRAIN_IDS, INSTANCE_IDS).replace(LABEL_IDS, INSTANCE_IDS));
    const map = decodeInstanceMap(await readSampleFile(path, 'instance'), path);
    for (let i = 0; i < map.data.length; i++) if (map.data[i]! < 1000) map.data[i] = 0;
    return map;
  }
}
