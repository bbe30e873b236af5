import { fail } from '../common/errors.js';
import { Random } from '../common/random.js';
import type { InstanceMap, LabelMap, Pixels } from '../image/pixels.js';
import type { Size } from '../image/resize.js';
import { labelMaps } from '../tasks/segmentation/targets.js';
import type { Targets } from '../tasks/task.js';
import type { ClassInfo, Dataset, Sample } from './dataset.js';
import { readDescriptor } from './descriptor.js';
import { sceneObjects } from './instances/scene-objects.js';
import { failSplit } from './checks.js';
import { drawPlan } from './scenes/plan.js';
import { renderScene, type Scene } from './scenes/render.js';

const COUNTS: Record<string, number> = { train: 200, val: 50 };

/** Scenes kept for the next read: an image and its labels are asked for one after the other. */
const RECENT = 16;

/** Street scenes made from a seed, for everything that should run with no download. */
class ScenesDataset implements Dataset {
  readonly name = 'scenes';
  readonly root = null;
  readonly classes: ClassInfo[];
  readonly ignore: number;
  readonly targets: Targets;
  readonly splits = Object.keys(COUNTS);
  private readonly recent = new Map<string, Scene>();

  constructor(
    readonly spec: string,
    private readonly seed: number,
    private readonly size: Size,
  ) {
    ({ classes: this.classes, ignore: this.ignore } = readDescriptor('scenes'));
    this.targets = labelMaps(this.ignore);
  }

  samples(split: string): Sample[] {
    const count = Object.hasOwn(COUNTS, split) ? COUNTS[split]! : failSplit(this.spec, split, this.splits);
    return Array.from({ length: count }, (_, i) => ({
      id: `${split}/${String(i).padStart(4, '0')}`,
      image: '',
      label: '',
    }));
  }

  readImage(sample: Sample): Promise<Pixels> {
    return this.scene(sample).then(({ image }) => image);
  }

  readTarget(sample: Sample): Promise<LabelMap> {
    return this.readLabel(sample);
  }

  readLabel(sample: Sample): Promise<LabelMap> {
    return this.scene(sample).then(({ label }) => label);
  }

  readInstances(sample: Sample): Promise<InstanceMap> {
    return this.scene(sample).then(({ instances }) => instances);
  }

  private scene(sample: Sample): Promise<Scene> {
    return Promise.resolve(this.draw(sample));
  }

  draw({ id }: Sample): Scene {
    const scene = this.recent.get(id) ?? renderScene(drawPlan(Random.of(this.seed, 'scene', id)), this.size);
    this.recent.delete(id);
    this.recent.set(id, scene);
    if (this.recent.size > RECENT) this.recent.delete(this.recent.keys().next().value!);
    return scene;
  }
}

/**
 * `scenes`, `scenes:SEED` or `scenes:SEED@HEIGHTxWIDTH`: default seed 0 and 128x256. With `/instances` behind it scenes are labelled with the cars and
 * people in them in place of a class per pixel.
 *
 * @throws E_DATA_SPEC if the argument is none of these
 */
export async function openScenes(argument: string, spec: string): Promise<Dataset> {
  const match = /^([0-9]{1,9})?(?:@([1-9][0-9]{0,3})x([1-9][0-9]{0,3}))?(\/instances)?$/.exec(argument);
  if (!match) {
    fail('E_DATA_SPEC', {
      where: 'dataset',
      expected: 'scenes:SEED or scenes:SEED@HEIGHTxWIDTH, with or without /instances',
      got: `"${spec}"`,
    });
  }
  const [, seed = '0', height = '128', width = '256', objects] = match;
  const scenes = new ScenesDataset(spec, Number(seed), { height: Number(height), width: Number(width) });
  return objects === undefined ? scenes : sceneObjects(scenes, spec, (sample) => scenes.draw(sample));
}
