import type { CodecContext, FormatContext, Frame, Stream } from 'node-av/lib';
import { fail } from '../common/errors.js';
import { type Library, reasonOf } from './library.js';
import { turnOf } from './orientation.js';
import type { VideoInfo } from './picture.js';
import { isLive, shownSource } from './source.js';

/** Seconds that the video stream is said to last, where a header says so; what is guessed from a file's size is no measure. */
export function lengthOf({ constants }: Library, format: FormatContext, stream: Stream): number | undefined {
  if (stream.duration > 0n && stream.nbFrames > 0n) return secondsOf(stream.duration, stream);
  if (isPlaylist(format)) return format.duration > 0n ? Number(format.duration) / 1e6 : undefined;
  const isHeader = format.streams.length === 1 && format.iformat?.name?.includes('matroska');
  return isHeader && format.duration !== constants.AV_NOPTS_VALUE ? Number(format.duration) / 1e6 : undefined;
}

/** What the headers say. */
export function describe(library: Library, source: string, format: FormatContext, stream: Stream): VideoInfo {
  const { codecpar, avgFrameRate } = stream;
  const { AV_NOPTS_VALUE } = library.constants;
  const duration =
    format.duration === AV_NOPTS_VALUE || format.duration <= 0n ? undefined : Number(format.duration) / 1e6;
  const frameRate = avgFrameRate.num > 0 && avgFrameRate.den > 0 ? avgFrameRate.num / avgFrameRate.den : undefined;
  const codec = library.Codec.findDecoder(codecpar.codecId)?.name ?? 'unknown';
  const matrix = codecpar.getCodedSideData(library.constants.AV_PKT_DATA_DISPLAYMATRIX);
  const turn = matrix ? turnOf(matrix) : undefined;
  const { width, height } = codecpar;
  const live = isLive(source, duration);
  return { width, height, frameRate, duration, codec, live, ...(turn && { orientation: turn.exif }) };
}

/** Whether the source is a list of files of some seconds each: HLS or DASH. */
export function isPlaylist(format: FormatContext): boolean {
  return /^(hls|dash)/.test(format.iformat?.name ?? '');
}

/** The largest rung of a playlist; of any other source the stream that FFmpeg calls the best. The cover of a song is no video. */
export function chooseStream({ constants }: Library, format: FormatContext): Stream | undefined {
  const { AVMEDIA_TYPE_VIDEO, AV_DISPOSITION_ATTACHED_PIC } = constants;
  const isCover = (stream: Stream): boolean => stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC);
  const best = format.streams[format.findBestStream(AVMEDIA_TYPE_VIDEO)];
  if (!best || (!isPlaylist(format) && !isCover(best))) return best;
  const area = ({ codecpar }: Stream): number => codecpar.width * codecpar.height;
  const videos = format.streams.filter((one) => one.codecpar.codecType === AVMEDIA_TYPE_VIDEO && !isCover(one));
  return videos.reduce<Stream | undefined>((most, next) => (most && area(most) >= area(next) ? most : next), undefined);
}

/** @throws E_VIDEO_OPEN for a codec that FFmpeg does not know */
export async function openDecoder(
  library: Library,
  stream: Stream,
  source: string,
  live: boolean,
): Promise<CodecContext> {
  const { Codec, CodecContext } = library;
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (!codec) {
    fail('E_VIDEO_OPEN', {
      where: shownSource(source),
      expected: 'a video whose frames can be decoded',
      got: 'an unknown codec',
    });
  }
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  // Frames that are decoded side by side come later, and not with the packet that they are of.
  if (!live && codec.id !== library.constants.AV_CODEC_ID_MJPEG) decoder.threadCount = 0;
  const code = await decoder.open2(codec, null);
  if (code >= 0) return decoder;
  const expected = `a decoder for ${codec.name}`;
  fail('E_VIDEO_OPEN', { where: shownSource(source), expected, got: reasonOf(library, code) });
}

/** A frame's own time in seconds, where it has one. */
export function stampOf({ constants }: Library, frame: Frame, stream: Stream): number | undefined {
  const stamp = frame.bestEffortTimestamp;
  return stamp === constants.AV_NOPTS_VALUE ? undefined : secondsOf(stamp, stream);
}

export function secondsOf(ticks: bigint, { timeBase }: Stream): number {
  return (Number(ticks) * timeBase.num) / timeBase.den;
}
