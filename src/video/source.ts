/** Extensions of files that are opened as videos; without the dot. */
export const VIDEO_EXTENSIONS = [
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
  ...['m3u8', 'mpd'],
];

/** Schemes under which frames come as they happen. */
const LIVE = /^(rtsps?|rtmps?|rtp|udp|srt):/i;
const NETWORK = /^(https?|rtsps?|rtmps?|rtp|udp|tcp|srt):/i;

/** Microseconds that a server may stay silent. */
const SILENCE = 15_000_000;

/** Whether a name is that of a video: an address, or a file with one of {@link VIDEO_EXTENSIONS}. */
export function isVideoName(source: string): boolean {
  if (isAddress(source)) return true;
  const extension = /\.([a-z0-9]+)$/i.exec(source)?.[1]?.toLowerCase();
  return extension !== undefined && VIDEO_EXTENSIONS.includes(extension);
}

/** Whether a source lies on the network. */
export function isAddress(source: string): boolean {
  return NETWORK.test(source);
}

/** What FFmpeg calls a file whatever its name: `cam:1.mp4` alone would be an address to it. */
export function fileAddress(path: string): string {
  return `file:${path}`;
}

/**
 * Whether frames come as they happen: always by RTSP and its like; by HTTP where the source says no end, as a playlist does that
 * is still being written. So does a file that is nothing but frames, and node-av does not tell how many bytes the server names.
 */
export function isLive(source: string, duration: number | undefined): boolean {
  return LIVE.test(source) || (isAddress(source) && duration === undefined);
}

/** FFmpeg's options for opening a source: how long to wait, and what to do when a connection breaks. */
export function openOptions(source: string): Record<string, string> {
  if (/^rtsps?:/i.test(source)) {
    // Over UDP lost packets smear the picture, and nothing comes through most firewalls.
    return { rtsp_transport: 'tcp', timeout: String(SILENCE) };
  }
  if (/^https?:/i.test(source)) {
    return {
      rw_timeout: String(SILENCE),
      reconnect: '1',
      reconnect_streamed: '1',
      reconnect_on_network_error: '1',
      reconnect_delay_max: '5',
    };
  }
  if (/^udp:/i.test(source)) return { timeout: String(SILENCE) };
  // A listener waits for a sender first.
  if (/^srt:/i.test(source)) return { timeout: String(SILENCE), listen_timeout: String(SILENCE) };
  return isAddress(source) ? { rw_timeout: String(SILENCE) } : {};
}

/** A source as FFmpeg is to open it: RTP takes the time to wait from its address alone. */
export function openAddress(source: string): string {
  if (!isAddress(source)) return fileAddress(source);
  if (!/^rtp:/i.test(source) || /[?&]timeout=/.test(source)) return source;
  return `${source}${source.includes('?') ? '&' : '?'}timeout=${SILENCE}`;
}

/** An address without the name and password in it, which may hold an `@` themselves, for messages. */
export function shownSource(source: string): string {
  return source.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
}
