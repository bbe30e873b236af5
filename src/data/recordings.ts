import type { Recordings, Sample } from './dataset.js';
import { idOf } from './list-file.js';

/**
 * Recordings among samples whose images' names end in the numbers of frames: `val/0016E5_07959.png`, `val/0016E5_07961.png`. Images of
 * several splits are of one recording where they lie in one folder.
 *
 * @param samples by split
 * @param gap how far the numbers of two consecutive frames are apart at most
 */
export function numberedRecordings(samples: ReadonlyMap<string, readonly Sample[]>, gap: number): Recordings {
  return {
    rule: `images of one folder with names that end in numbers at most ${gap} apart`,
    todo: 'Choose a part of it that has them with --subset',
    gap,
    async find() {
      const frames = new Map([...samples.values()].flat().map((sample) => [sample.image, sample]));
      return consecutive([...frames.values()], gap, ({ image }) => idOf(image));
    },
  };
}

/**
 * Runs of frames whose names are the same up to the number at their end, in the order of these numbers; a frame without neighbours is a
 * run of its own.
 *
 * @param gap how far two consecutive numbers are apart at most
 */
export function consecutive(frames: readonly Sample[], gap: number, nameOf: (frame: Sample) => string): Sample[][] {
  const numbered = new Map<string, { number: number; frame: Sample }[]>();
  for (const frame of frames) {
    const [, recording, number] = /^(.*?)(\d*)$/s.exec(nameOf(frame))!;
    const others = numbered.get(recording!) ?? [];
    others.push({ number: number === '' ? Number.NaN : Number(number), frame });
    numbered.set(recording!, others);
  }
  return [...numbered.values()].flatMap((recording) => {
    const runs: Sample[][] = [];
    let last = Number.NaN;
    for (const { number, frame } of recording.sort((a, b) => a.number - b.number)) {
      // Neither a frame of no number nor a second one of the same number has a place in time.
      if (number > last && number - last <= gap) runs.at(-1)!.push(frame);
      else runs.push([frame]);
      last = number;
    }
    return runs;
  });
}
