import type { InstanceMap, LabelMap } from '../../image/pixels.js';
import { instanceTargets } from '../../tasks/detection/targets.js';
import { deriveDataset } from '../derive.js';
import type { Dataset, Sample } from '../dataset.js';
import { CLASS } from '../scenes/classes.js';
import { failObjects, NO_IGNORE, objectClasses } from './dataset.js';
import { writeLabel } from './label.js';
import { lazySample } from './lazy-sample.js';
import { instancesOfMap } from './map.js';

/** Classes of a scene whose objects are told apart, in the order of their ids here, from 1 on. */
const OBJECTS = ['car', 'person'] as const;

/**
 * Scenes that are labelled with the cars and people in them: boxes and masks of what shows of each.
 *
 * @param draw the class and the object of every pixel of a scene
 */
export function sceneObjects(
  scenes: Dataset,
  spec: string,
  draw: (sample: Sample) => { label: LabelMap; instances: InstanceMap },
): Dataset {
  const classes = objectClasses(OBJECTS);
  const read = (sample: Sample): ReturnType<typeof instancesOfMap> => {
    const { label, instances } = draw(sample);
    return instancesOfMap(instances, (pixel) => {
      const id = OBJECTS.findIndex((name) => CLASS[name] === label.data[pixel]);
      return id < 0 ? undefined : id + 1;
    });
  };
  const texts = new Map<string, string>();
  const textOf = (sample: Sample): string => {
    const known = texts.get(sample.id) ?? writeLabel(read(sample), classes);
    texts.set(sample.id, known);
    return known;
  };
  return deriveDataset(scenes, {
    spec,
    classes,
    ignore: NO_IGNORE,
    targets: instanceTargets('instances'),
    samples: (split) => scenes.samples(split).map((sample) => lazySample(sample, () => textOf(sample))),
    readTarget: (sample) => Promise.resolve(read(sample)),
    readLabel: () => Promise.resolve().then(() => failObjects(spec)),
    readInstances: undefined,
  });
}
