/**
 * `gearnn/image`. Images and label maps: bytes to pixels and back.
 *
 * @packageDocumentation
 */
export type { LabelMap, Pixels } from './pixels.js';
export { decodeImage } from './decode.js';
export { encodeJpeg, encodePng, type Huffman } from './encode.js';
export { decodeLabelMap, encodeLabelMap } from './labels.js';
