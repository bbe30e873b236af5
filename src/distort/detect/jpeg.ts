import type { Pixels } from '../../image/pixels.js';
import { jpegHistory } from './jpeg-history.js';
import { jpegQuality, type JpegQuality } from './jpeg-quality.js';
import { readJpegTables } from './jpeg-tables.js';

/** What was found out about the JPEG compression of a frame. */
export interface JpegDetection extends JpegQuality {
  /** `tables`: from the file's headers. `history`: from the pixels, which were compressed harder before. `none`: no trace in a frame that is no JPEG. */
  from: 'tables' | 'history' | 'none';
}

/** What detection looks at: bytes and pixels of the same frame, either or both. */
export interface FrameEvidence {
  /** The file as it came, if it was one. */
  bytes?: Uint8Array;
  /** Its pixels as stored: neither resized, cropped nor turned. */
  pixels?: Pixels;
  /** Its size once it is turned as the file asks, where that is another: the one that resolutions are compared in. */
  upright?: { width: number; height: number };
}

/** That no trace is found does not say that there was no compression: one before a resize or a crop leaves none. */
const NO_TRACE = 0.5;

/**
 * The JPEG quality of a frame: the worse of what its headers say and what its pixels show of an earlier compression.
 *
 * @returns quality 100 where pixels that come from no JPEG file show no trace of one; undefined where nothing can be said
 */
export function detectJpeg({ bytes, pixels }: FrameEvidence): JpegDetection | undefined {
  const tables = bytes && readJpegTables(bytes);
  const written = tables && jpegQuality(tables);
  const whole = pixels && (!tables || (tables.width === pixels.width && tables.height === pixels.height));
  const history = whole ? jpegHistory(pixels, tables?.luminance) : undefined;
  if (history?.earlier && history.earlier.quality < (written?.quality ?? 101)) {
    return { ...history.earlier, from: 'history' };
  }
  if (written) return { ...written, from: 'tables' };
  return history?.enough ? { quality: 100, confidence: NO_TRACE, from: 'none' } : undefined;
}
