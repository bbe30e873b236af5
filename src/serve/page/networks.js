import { call } from './api.js';

/** @typedef {'segmentation' | 'classification'} TaskName */

/** @typedef {{ id: number, class: string, probability: number }} TopClass */

/**
 * A network as the page needs it.
 *
 * @typedef {object} Network
 * @property {string} name
 * @property {string} kind `drn-d-22`
 * @property {TaskName} task what it answers with
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
  const { network, task, levels, classes, size } = (await response.json()).parameters;
  return { name, kind: network, task, levels, classes, side: size ? Math.max(size.width, size.height) : 256 };
}

/**
 * An answer of the server for one image.
 *
 * @typedef {object} Answer
 * @property {Uint8Array} mask a class id per pixel; empty where the answer is one class
 * @property {TopClass[]} top then the likeliest classes, the likeliest first
 * @property {number} width
 * @property {number} height
 * @property {string} level of the adaptor that answered; `clean` for the original
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
 * @param {{ model: string, level?: string, stream?: string, signal?: AbortSignal }} options
 * @returns {Promise<Answer>}
 */
export async function infer(image, route, { model, level, stream, signal }) {
  const query = new URLSearchParams({ model });
  if (level !== undefined) query.set('level', level);
  if (stream !== undefined) query.set('sequence_id', stream);
  const start = performance.now();
  const response = await call(`${route}?${query}`, { body: image, accept: 'application/json', signal });
  const { mask = '', top = [], timings, ...rest } = await response.json();
  const roundTrip = performance.now() - start;
  const computing = timings.decode + timings.detect + timings.swap + timings.forward;
  const bytes = Uint8Array.from(atob(mask), (character) => character.charCodeAt(0));
  return { ...rest, mask: bytes, top, computing, roundTrip };
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
