import type { Pixels } from '../../../src/image/pixels.js';

export const INFER = '/v2/models/demo/infer';
export const IMAGE: Pixels = {
  data: Uint8Array.from({ length: 4 * 6 * 3 }, (_, i) => i),
  width: 6,
  height: 4,
  channels: 3,
};
export const RED = Array.from({ length: 24 }, (_, i) => i * 3);

/** What the double answers for an encoded image: the sum of its bytes, everywhere. */
export function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 255, 0);
}

/** A request with the binary data extension. */
export function binaryRequest(json: object, data: Uint8Array): [body: Uint8Array, headers: Record<string, string>] {
  const head = Buffer.from(JSON.stringify(json));
  return [Buffer.concat([head, data]), { 'Inference-Header-Content-Length': String(head.length) }];
}

/** An element of a binary BYTES tensor. */
export function element(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function pixels(fields: object = {}): object {
  return { name: 'pixels', datatype: 'UINT8', shape: [1, 4, 6, 3], data: [...IMAGE.data], ...fields };
}
