import { stat } from 'node:fs/promises';
import type { FormatContext } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Library, reasonOf } from './library.js';
import { otherContent } from './other-content.js';
import { fileOf, isAddress, isDevice, isStdin, shownSource } from './source.js';
import type { Watch } from './watch.js';

/** Refuses what FFmpeg could not open. @throws E_VIDEO_OPEN */
export function check(library: Library, code: number, source: string, watch: Watch): void {
  if (code >= 0) return;
  const isFile = !isAddress(source) && !isDevice(source) && !isStdin(source);
  const other = isFile ? otherContent(fileOf(source)) : undefined;
  if (other) {
    const { name: got, todo } = other;
    fail('E_VIDEO_OPEN', { where: source, expected: 'a whole video file', got, todo: todo ?? 'Correct the path.' });
  }
  fail('E_VIDEO_OPEN', {
    where: shownSource(source),
    expected: isAddress(source) ? 'a video stream that can be reached' : 'a whole video file',
    got: watch.isOver ? `nothing for ${watch.seconds} s` : reasonOf(library, code),
    todo: isAddress(source)
      ? 'Check the address, the server and the connection.'
      : 'Copy or download the file again, or convert it with ffmpeg.',
  });
}

/** Says what FFmpeg would call `No such file` or `Invalid data` in plain words. */
export async function refuseOddPath(source: string): Promise<void> {
  const kind = await stat(fileOf(source)).catch(() => undefined);
  if (kind?.isFile() && kind.size > 0) return;
  if (kind && !kind.isFile() && !kind.isDirectory()) return; // A pipe or a camera.
  const got = kind === undefined ? 'nothing of that name' : kind.isDirectory() ? 'a folder' : 'an empty file';
  fail('E_VIDEO_OPEN', { where: source, expected: 'a video file', got });
}

export function refuseNoVideo({ constants }: Library, source: string, { streams }: FormatContext): never {
  const hasCover = streams.some((stream) => stream.hasDisposition(constants.AV_DISPOSITION_ATTACHED_PIC));
  const sound = hasCover ? 'one with sound and a cover picture only' : 'one with sound or other data only';
  fail('E_VIDEO_OPEN', {
    where: shownSource(source),
    expected: 'a file or stream with pictures in it',
    got: streams.length === 0 ? 'one with nothing in it' : sound,
  });
}
