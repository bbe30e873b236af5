import { call } from './api.js';

/** @typedef {'segmentation' | 'classification' | 'foreground' | 'features' | 'detection' | 'instances'} TaskName */

/** @typedef {{ id: number, class: string, probability: number }} TopClass */

/** @typedef {{ box: readonly [x0: number, y0: number, x1: number, y1: number], corners?: readonly (readonly [x: number, y: number])[], class: number, label: string, score: number, segmentation?: number[][] }} FoundBox */

/** @typedef {{ shape: number[], values: Float32Array | Int32Array }} Output */

/**
 * How a picture becomes the input of a network out of a file.
 *
 * @typedef {object} NetworkInput
 * @property {'nchw' | 'nhwc'} layout
 * @property {{ width: number, height: number }} [size] the only one that it takes
 * @property {'stretch' | 'letterbox' | 'corner'} [fit] how pictures come to that size
 */

/**
 * A network as the page needs it.
 *
 * @typedef {object} Network
 * @property {string} name
 * @property {string} kind `drn-d-22`
 * @property {TaskName} task what it answers with
 * @property {string} [head] kind of a detector whose boxes are read
 * @property {NetworkInput} [input]
 * @property {string[]} outputs names of what it puts out
 * @property {string[]} levels those that have an adaptor
 * @property {{ name: string, color: [number, number, number] }[]} classes
 * @property {number} side longest side of the images that it was trained on
 */

/**
 * Names of the networks that are loaded.
 *
 * @returns {Promise<string[]>}
 */
export async function listNetworks() {
  const response = await call('/v2/repository/index', { body: '{"ready":true}' });
  /** @type {{ name: string }[]} */
  const entries = await response.json();
  // What has a colon is an adaptor: NETWORK:LEVEL.
  const names = entries.map(({ name }) => name).filter((name) => !name.includes(':'));
  if (names.length > 0) return names;
  throw new Error('This server has no network loaded.');
}

/**
 * @param {string} name
 * @returns {Promise<Network>}
 */
export async function readNetwork(name) {
  const response = await call(`/v2/models/${encodeURIComponent(name)}`);
  const { parameters, outputs } = await response.json();
  const { network: kind, task, head, input, levels, classes } = parameters;
  const size = parameters.size ?? input?.size;
  const side = size ? Math.max(size.width, size.height) : 256;
  /** @type {string[]} */
  const names = outputs.map((/** @type {{ name: string }} */ output) => output.name);
  return { name, kind, task, head, input, outputs: names, levels, classes, side };
}

/**
 * An answer of the server for one image.
 *
 * @typedef {object} Answer
 * @property {Uint8Array} mask a class id per pixel; empty where the answer is one class
 * @property {Uint8Array} foreground how likely each pixel is foreground, of 255; empty where the answer is another
 * @property {FoundBox[]} boxes of a detector, the surest first
 * @property {Output} [output] the one that was asked for
 * @property {TopClass[]} top then the likeliest classes, the likeliest first
 * @property {number} width
 * @property {number} height
 * @property {string} level of the adaptor that answered; `clean` for the original
 * @property {string} [reason] why something else than the adaptor of its level answered
 * @property {number} confidence 0..1
 * @property {'stated' | 'detected' | 'held' | 'none'} source
 * @property {Record<string, number | string>} seen
 * @property {number} computing milliseconds of the server's work on it
 * @property {number} roundTrip milliseconds from the request to the answer
 */

/**
 * Asks a network.
 *
 * @param {Blob} image
 * @param {string} route of the network's task
 * @param {{ model: string, level?: string, stream?: string, output?: string, signal?: AbortSignal }} options
 * @returns {Promise<Answer>}
 */
export async function infer(image, route, { model, level, stream, output, signal }) {
  const query = new URLSearchParams({ model, ...(output !== undefined && { outputs: output, values: 'base64' }) });
  if (route === '/v1/predict') query.set('masks', 'polygons');
  if (level !== undefined) query.set('level', level);
  if (stream !== undefined) query.set('sequence_id', stream);
  const start = performance.now();
  const response = await call(`${route}?${query}`, { body: image, accept: 'application/json', signal });
  const { mask = '', foreground = '', boxes = [], top = [], outputs = {}, timings, ...rest } = await response.json();
  const roundTrip = performance.now() - start;
  const computing = timings.decode + timings.detect + timings.swap + timings.forward;
  const given = output !== undefined && outputs[output];
  return {
    ...{ ...rest, mask: bytesOf(mask), foreground: bytesOf(foreground), boxes, top, computing, roundTrip },
    ...(given && { output: { shape: given.shape, values: valuesOf(given) } }),
  };
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** @param {{ datatype: string, base64: string }} output */
function valuesOf({ datatype, base64 }) {
  const { buffer } = bytesOf(base64);
  return datatype === 'INT32' ? new Int32Array(buffer) : new Float32Array(buffer);
}

/**
 * An image at a level, as a file.
 *
 * @param {Blob} image
 * @param {string} level
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function distort(image, level, signal) {
  const response = await call(`/v1/distort?${new URLSearchParams({ level })}`, { body: image, signal });
  return response.blob();
}
