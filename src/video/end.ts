import type { FormatContext, Stream } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Account, runWords } from './account.js';
import { type Library, reasonOf } from './library.js';
import { isAddress, shownSource } from './source.js';
import type { Watch } from './watch.js';

/** Seconds by which the last frame may end before the header says. */
const TOLERANCE = 0.5;
/** Of a playlist whose segments are rounded to whole seconds: at least, as a part of all, and at most. */
const [LIST_LEAST, LIST_PART, LIST_MOST] = [1, 0.02, 10];

/** A source that was read to where FFmpeg calls it ended. */
export interface EndedSource {
  library: Library;
  source: string;
  format: FormatContext;
  stream: Stream;
  /** What reading ended with. */
  read: number;
  account: Account;
  /** Seconds from the first frame to the end of the last. */
  end: number;
  packets: number;
  /** Seconds that the pictures are said to last. */
  length: number | undefined;
  watch: Watch;
  live: boolean;
}

/** FFmpeg calls the end of a file that was cut off an end like any other, and passes over what is damaged. @throws E_VIDEO_BROKEN */
export function checkEnd(ended: EndedSource): void {
  const { library, source, stream, format, read, account, end, packets, length = 0, watch, live } = ended;
  const isNetwork = isAddress(source);
  const broken = (reason: string): never => {
    const damage = damageWords(account);
    return fail('E_VIDEO_BROKEN', {
      where: shownSource(source),
      expected: 'a video that can be read to its end',
      got: `${reason} after ${account.given} frames${damage && `, and ${damage}`}`,
      todo: isNetwork ? 'Check the connection and the server.' : 'Copy or download the file again.',
    });
  };
  if (watch.isOver) broken(`nothing for ${watch.seconds} s`);
  if (read !== library.constants.AVERROR_EOF) broken(reasonOf(library, read));
  if (account.given === 0) broken(account.refusals > 0 ? 'nothing but damaged frames' : 'its end');
  const isList = /^(hls|dash)/.test(format.iformat?.name ?? '');
  // A list of whole seconds is one of rounded ones.
  const isRounded = isList && Number.isInteger(length);
  const tolerance = isRounded ? Math.max(LIST_LEAST, Math.min(length * LIST_PART, LIST_MOST)) : TOLERANCE;
  const missing = length - end;
  if (missing > tolerance) broken(`its end ${missing.toFixed(1)} s too early,`);
  // FFmpeg shortens the length of an AVI to what is there, and keeps the number of frames that its header says.
  const said = format.iformat?.name === 'avi' ? Number(stream.nbFrames) : 0;
  if (said > packets && said > Number(stream.duration)) broken(`its end ${said - packets} frames too early,`);
  account.end();
  const damage = damageWords(account);
  if (damage === '' || live) return;
  fail('E_VIDEO_BROKEN', {
    where: shownSource(source),
    expected: 'a video whose frames can all be decoded',
    got: damage,
    todo: `The other frames came under their own numbers. ${isNetwork ? 'Check the server.' : 'Copy or download the file again.'}`,
  });
}

function damageWords({ lost, damaged }: Account): string {
  return [
    ...(lost.length > 0 ? [`${runWords(lost)} that cannot be decoded`] : []),
    ...(damaged.length > 0 ? [`${runWords(damaged)} with parts that are damaged`] : []),
  ].join(' and ');
}
