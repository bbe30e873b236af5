/** A marker of a JPEG file and what follows it up to the next. */
export interface Segment {
  marker: number;
  /** Without marker and length. */
  body: Uint8Array;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/** Start of frame: 0xc0..0xcf but for the Huffman tables, an extension, and the arithmetic conditioning among them. */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** TEM and the restart markers have no length. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/**
 * The segments before the first scan, read as libjpeg does: stray bytes between them are passed over.
 *
 * @returns none for what is no JPEG; ends early where a length points outside the file
 * @source ITU-T T.81, Annex B; libjpeg's jdmarker.c, next_marker
 */
export function* headerSegments(bytes: Uint8Array): Generator<Segment> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return;
  for (let at = 2; ;) {
    const next = nextMarker(bytes, at);
    if (next === undefined) return;
    const { marker, end } = next;
    at = end;
    if (standsAlone(marker)) continue;
    if (marker === SOS || marker === EOI || marker === SOI || at + 2 > bytes.length) return;
    const length = bytes[at]! * 256 + bytes[at + 1]!;
    if (length < 2 || at + length > bytes.length) return;
    yield { marker, body: bytes.subarray(at + 2, at + length) };
    at += length;
  }
}

/** Zeros at the end of a file that are more than compressed data ends in by chance. */
const ZEROS = 16;

/**
 * Why a JPEG is known to be cut off although a decoder finds pixels for every place: a second picture begins before the first has ended,
 * or zeros stand for the rest, as a download that was broken off leaves them.
 */
export function cutReason(bytes: Uint8Array): string | undefined {
  let scans = false;
  for (let at = 2; ;) {
    const next = nextMarker(bytes, at);
    if (next === undefined) {
      const zeros = bytes.length >= ZEROS && bytes.subarray(-ZEROS).every((byte) => byte === 0);
      return zeros ? 'zeros in the place of its end' : undefined;
    }
    if (next.marker === EOI) return undefined;
    if (next.marker === SOI) return scans ? 'another JPEG begins before this one ends' : undefined;
    at = next.end;
    if (next.marker === SOS) scans = true;
    if (!standsAlone(next.marker) && at + 2 <= bytes.length) at += bytes[at]! * 256 + bytes[at + 1]!;
  }
}

/** The next marker from a place on, past stray bytes, fill bytes and the zeros that stand behind a 255 of the data. */
function nextMarker(bytes: Uint8Array, from: number): { marker: number; end: number } | undefined {
  for (let at = from; ; at++) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return undefined;
    while (at < bytes.length && bytes[at] === 0xff) at++;
    if (at >= bytes.length) return undefined;
    if (bytes[at] !== 0) return { marker: bytes[at]!, end: at + 1 };
  }
}
