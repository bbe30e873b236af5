import { openDataset } from '../../../../src/data/registry.js';
import type { Picture } from '../../../../src/video/picture.js';
import { VideoWriter } from '../../../../src/video/writer.js';

/** Scenes of {@link writeScenes}, each of which is shown for a second. */
export const SCENES = 12;

/** A generated street, which no other number shows. */
export async function sceneAt(number: number): Promise<Picture> {
  const dataset = await openDataset('scenes:7@64x96');
  return (await dataset.readImage(dataset.samples('train')[number]!)) as Picture;
}

/** A clip of a camera that sees {@link SCENES} places, as if it stood still for a second at each. */
export async function writeScenes(path: string): Promise<void> {
  const writer = await VideoWriter.open(path, { width: 96, height: 64, frameRate: 4, crf: 12 });
  for (let i = 0; i < SCENES; i++) {
    const scene = await sceneAt(i);
    for (let k = 0; k < 4; k++) await writer.write(scene, i + k / 4);
  }
  await writer.close();
}
