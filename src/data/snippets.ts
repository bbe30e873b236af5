import { join } from 'node:path';
import type { Recordings, Sample } from './dataset.js';
import { listFolder } from './list-folder.js';
import { consecutive } from './recordings.js';

const FOLDER = 'leftImg8bit_sequence';
const IMAGE = '_leftImg8bit.png';

/**
 * The recordings that Cityscapes' labelled images are out of, where `leftImg8bit_sequence/SPLIT/CITY/CITY_SEQUENCE_FRAME_leftImg8bit.png`
 * are there: usually snippets of 30 frames, of which the 20th is labelled.
 *
 * @param samples by split, with ids `CITY_SEQUENCE_FRAME`
 */
export function snippets(root: string, samples: ReadonlyMap<string, readonly Sample[]>): Recordings {
  return {
    rule: `the frames around each labelled one in ${FOLDER}/SPLIT/CITY/CITY_SEQUENCE_FRAME${IMAGE}, numbered without a gap`,
    todo: `Unpack ${FOLDER}_trainvaltest.zip beside leftImg8bit`,
    async find() {
      const found: Sample[][] = [];
      for (const [split, labelled] of samples) {
        // The labelled frames are in both folders, with the same content.
        const frames = [...(await framesOf(root, split)), ...labelled];
        const known = new Map(frames.map((frame) => [frame.id, frame]));
        const labelledIds = new Set(labelled.map(({ id }) => id));
        const runs = consecutive([...known.values()], 1, ({ id }) => id);
        found.push(...runs.filter((run) => run.some(({ id }) => labelledIds.has(id))));
      }
      return found;
    },
  };
}

async function framesOf(root: string, split: string): Promise<Sample[]> {
  const frames: Sample[] = [];
  for (const city of (await listFolder(join(root, FOLDER, split), 'folders')) ?? []) {
    for (const name of (await listFolder(join(root, FOLDER, split, city), 'files')) ?? []) {
      if (!name.endsWith(IMAGE)) continue;
      frames.push({ id: name.slice(0, -IMAGE.length), image: `${FOLDER}/${split}/${city}/${name}`, label: '' });
    }
  }
  return frames;
}
