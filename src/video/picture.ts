/** A picture of a video: row-major, `data.length = height * width * 3`, red, green, blue, 0..255. What `Pixels` with three channels is. */
export interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 3;
}

/** One decoded frame. */
export interface VideoFrame {
  picture: Picture;
  /** Its place among all frames of the source, those included that were dropped or cannot be decoded; the first is 1. */
  number: number;
  /** Seconds since the first frame; rises throughout, also where a stream's own clock starts again. */
  time: number;
  /** Seconds that it stands, where the source says. */
  duration?: number;
  /** EXIF's number (2 to 8, 0 for other angles) of the orientation in which it is stored, where that is not upright. */
  orientation?: number;
  /** The frame as the source holds it, where that is a JPEG of its own (Motion JPEG): its tables tell its quality. */
  jpeg?: Uint8Array;
}

/** What the headers of a video say. */
export interface VideoInfo {
  /** Size of the first frames; a stream may change it. */
  width: number;
  height: number;
  /** Frames a second on average; undefined where the source does not say. */
  frameRate?: number;
  /** Seconds; undefined where nobody knows, as of a live stream. */
  duration?: number;
  /** `h264`, `hevc`, `mjpeg`, ... */
  codec: string;
  /** Whether frames come as they happen, and never end by themselves. */
  live: boolean;
  /** EXIF's number of the orientation in which frames are stored, where that is not upright; width and height are those of the pictures. */
  orientation?: number;
}
