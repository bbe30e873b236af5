import sharp, { type SharpOptions } from 'sharp';
import { readFile } from '../common/read-file.js';
import { decodeFault } from './fault.js';
import { cutReason } from './jpeg-segments.js';
import { type Orientation, orientationOf } from './orientation.js';
import type { Pixels } from './pixels.js';
import { turnUpright, uprightSize } from './turn.js';

const EXPECTED = 'a whole JPEG or PNG image';

/** Other tools read past a warning. What libjpeg finds wrong in a JPEG is one, unless the file ends early; a wrong checksum is none. */
const OPTIONS: SharpOptions = { ignoreIcc: true, failOn: 'error' };
const JPEG_OPTIONS: SharpOptions = {
  ...OPTIONS,
  failOn: 'truncated',
  // Else libvips gives up at its hundredth warning.
  unlimited: true,
};

const optionsOf = (bytes: Uint8Array): SharpOptions =>
  bytes[0] === 0xff && bytes[1] === 0xd8 ? JPEG_OPTIONS : OPTIONS;

/**
 * The pixels of a JPEG, PNG or any other still image that sharp reads, as 8-bit RGB and upright.
 *
 * Gray is repeated into three channels, alpha dropped, 16 bits reduced to 8, CMYK turned into RGB without a profile. The colour
 * profile is not applied; the EXIF orientation is. So the values are those that Pillow's
 * `ImageOps.exif_transpose(Image.open(file)).convert('RGB')` gives. What libjpeg only warns of is read as libjpeg recovers it.
 *
 * @param where the file's name, for the error
 * @returns `[height, width, 3]`, 0..255
 * @throws E_IMAGE_DECODE if the bytes are no image, are damaged, end early, or hold more pixels than are decoded
 */
export async function decodeImage(bytes: Uint8Array, where: string): Promise<Pixels> {
  return turnUpright(await decodeStored(bytes, where), orientationOf(bytes));
}

/** As {@link decodeImage}, in the orientation that the file stores, which is the one that its blocks were compressed in. */
export async function decodeStored(bytes: Uint8Array, where: string): Promise<Pixels> {
  try {
    const { format, space } = await sharp(bytes, optionsOf(bytes)).metadata();
    const cut = format === 'jpeg' ? cutReason(bytes) : undefined;
    if (cut) throw new Error(cut);
    return await rgbOf(bytes, space === 'cmyk');
  } catch (cause) {
    throw decodeFault(bytes, where, EXPECTED, cause);
  }
}

async function rgbOf(bytes: Uint8Array, isInk: boolean): Promise<Pixels> {
  const image = sharp(bytes, optionsOf(bytes));
  const { data, info } = await (
    isInk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.toColourspace('srgb').removeAlpha()
  )
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const values = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const { width, height, channels } = info;
  return { data: isInk ? fromInk(values, channels) : toThree(values, channels), width, height, channels: 3 };
}

function toThree(values: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return values;
  const rgb = new Uint8Array((values.length / channels) * 3);
  for (let i = 0, o = 0; i < values.length; i += channels) rgb[o++] = rgb[o++] = rgb[o++] = values[i]!;
  return rgb;
}

/** Ink to light, without a profile. @source Pillow's Convert.c, cmyk2rgb */
function fromInk(ink: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((ink.length / channels) * 3);
  for (let i = 0, o = 0; i < ink.length; i += channels) {
    const light = 255 - ink[i + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = ink[i + c]! * light + 128;
      rgb[o++] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return rgb;
}

/** What the header of an image file says. */
export interface ImageFileSize {
  /** Of the picture once it is upright. */
  width: number;
  height: number;
  /** How it was turned for that. */
  orientation: Orientation;
}

/**
 * Width and height of an image file once it is upright, from its header alone.
 *
 * @throws E_IMAGE_DECODE if the file does not start like an image
 */
export async function imageFileSize(path: string): Promise<ImageFileSize> {
  const bytes = await readFile(path);
  try {
    const { width, height } = await sharp(bytes, optionsOf(bytes)).metadata();
    const orientation = orientationOf(bytes);
    return { ...uprightSize({ width, height }, orientation), orientation };
  } catch (cause) {
    throw decodeFault(bytes, path, 'a JPEG or PNG image', cause);
  }
}
