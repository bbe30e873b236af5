import { fileURLToPath } from 'node:url';
import type { InputFormat } from 'node-av/lib';
import { fail } from '../common/errors.js';
import type { Library } from './library.js';
import { stdinFile } from './stdin.js';

/** Extensions of files that are opened as videos; without the dot. */
const VIDEO_EXTENSIONS = [
  ...[
    'mp4',
    'm4v',
    'mov',
    'mkv',
    'webm',
    'avi',
    'ts',
    'm2ts',
    'mts',
    'mpg',
    'mpeg',
    'flv',
    'wmv',
    'ogv',
    '3gp',
    'mxf',
    'y4m',
  ],
  ...['h264', '264', 'hevc', '265', 'mjpeg', 'mjpg', 'ivf'],
  ...['m3u8', 'mpd', 'dv', 'vob', 'm2v', 'apng'],
];

/** Schemes under which frames come as they happen. */
const LIVE = /^(rtsps?|rtmps?|rtp|udp|srt):/i;
const NETWORK = /^(https?|rtsps?|rtmps?|rtp|udp|tcp|srt):/i;
/** Cameras of Linux. */
const DEVICE = /^\/dev\/video\d+$/;

/** Default of the seconds that a source may give nothing: longer than most segments of a playlist last. */
export const SILENCE = 25;
/** Seconds that a connection may be silent, at most. */
const SILENT_CONNECTION = 15;

/** Whether a name is that of a video: an address, a camera, standard input, or a file with one of {@link VIDEO_EXTENSIONS}. */
export function isVideoName(source: string): boolean {
  if (isAddress(source) || isDevice(source) || isStdin(source)) return true;
  const extension = /\.([a-z0-9]+)$/i.exec(fileOf(source))?.[1]?.toLowerCase();
  return extension !== undefined && VIDEO_EXTENSIONS.includes(extension);
}

/** Whether a source lies on the network. */
export function isAddress(source: string): boolean {
  return NETWORK.test(source);
}

/** Whether a source is a camera of this machine. */
export function isDevice(source: string): boolean {
  return DEVICE.test(source);
}

/** Whether a source is standard input. */
export function isStdin(source: string): boolean {
  return source === '-';
}

/** The path of a source that is a file: of `file:` addresses the one that they name, of others the source itself. */
export function fileOf(source: string): string {
  if (!/^file:\/\//i.test(source) || !URL.canParse(source)) return source;
  try {
    return fileURLToPath(source);
  } catch (cause) {
    fail('E_VIDEO_OPEN', {
      ...{ where: source, expected: 'the address of a file of this machine, such as file:///home/street.mp4' },
      got: (cause as Error).message,
      cause,
    });
  }
}

/** What FFmpeg calls a file whatever its name: `cam:1.mp4` alone would be an address to it. */
export function fileAddress(path: string): string {
  return `file:${path}`;
}

/**
 * Whether frames come as they happen: always by RTSP and its like, and of cameras; by HTTP where the source says no end, as a playlist does that
 * is still being written. So does a file that is nothing but frames, and node-av does not tell how many bytes the server names.
 */
export function isLive(source: string, duration: number | undefined): boolean {
  return LIVE.test(source) || isDevice(source) || (isAddress(source) && duration === undefined);
}

/**
 * FFmpeg's options for opening a source: how long to wait, and what to do when a connection breaks. A connection that is silent for a third
 * of the time is opened again, where that can be.
 *
 * @param silence seconds that the source may give nothing
 */
export function openOptions(source: string, silence = SILENCE): Record<string, string> {
  const all = micros(Math.min(silence, SILENT_CONNECTION));
  // Segments are what a playlist says they are, whatever their names.
  const list = { allowed_extensions: 'ALL', allowed_segment_extensions: 'ALL', extension_picky: '0' };
  if (/^rtsps?:/i.test(source)) {
    // Over UDP lost packets smear the picture, and nothing comes through most firewalls.
    return { rtsp_transport: 'tcp', timeout: all };
  }
  if (/^https?:/i.test(source)) {
    // Not reconnect_streamed: a server that cannot go on in the middle would begin again, and its bytes would be taken for the next ones.
    return {
      rw_timeout: micros(silence / 3),
      reconnect: '1',
      reconnect_on_network_error: '1',
      reconnect_delay_max: '5',
      ...list,
    };
  }
  if (/^udp:/i.test(source)) return { timeout: all };
  // A listener waits for a sender first.
  if (/^srt:/i.test(source)) return { timeout: all, listen_timeout: all };
  return isAddress(source) ? { rw_timeout: all } : list;
}

/** A source as FFmpeg is to open it: RTP takes the time to wait from its address alone. */
export function openAddress(source: string, silence = SILENCE): string {
  if (isStdin(source)) return fileAddress(stdinFile() ?? '-');
  if (isDevice(source)) return source;
  if (!isAddress(source)) return fileAddress(fileOf(source));
  if (!/^rtp:/i.test(source) || /[?&]timeout=/.test(source)) return source;
  return `${source}${source.includes('?') ? '&' : '?'}timeout=${micros(Math.min(silence, SILENT_CONNECTION))}`;
}

/** The format of a source that does not tell it itself. @throws E_VIDEO_OPEN for a camera where FFmpeg has no part for it */
export function openFormat({ InputFormat }: Library, source: string): InputFormat | null {
  if (!isDevice(source)) return null;
  const format = InputFormat.findInputFormat('v4l2') ?? InputFormat.findInputFormat('video4linux2');
  if (format) return format;
  const expected = 'an FFmpeg that reads cameras (v4l2)';
  fail('E_VIDEO_OPEN', { where: source, expected, got: `one for ${process.platform} without it` });
}

/** An address without the name and password in it, which may hold an `@` themselves, for messages. */
export function shownSource(source: string): string {
  return source.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
}

const micros = (seconds: number): string => String(Math.round(seconds * 1e6));
