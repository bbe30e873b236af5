import { compare, enlarged } from './masks.js';
import { levelOf } from './levels.js';
import { distort, segment } from './networks.js';

/** @typedef {import('./networks.js').Answer} Answer */

/**
 * One image at one setting, answered by both.
 *
 * @typedef {object} Round
 * @property {import('./networks.js').Network} network
 * @property {string} asked the level that the sliders gave
 * @property {Blob} sent
 * @property {ImageBitmap} picture `sent` decoded
 * @property {Answer} original with its mask in the size of the undistorted image
 * @property {Answer} adapted likewise
 * @property {Uint8Array} reference the original's mask of the undistorted image
 * @property {{ agreement: number, miou: number }} originalScore
 * @property {{ agreement: number, miou: number }} adaptedScore
 */

/**
 * Asks both. The server reads compression from the file; every other level is stated, as one frame does not tell it for sure.
 *
 * @param {import('./networks.js').Network} network
 * @param {import('./source.js').Source} source
 * @param {import('./levels.js').Settings} settings
 * @param {{ stream?: string, signal?: AbortSignal }} options
 * @returns {Promise<Round>}
 */
export async function ask(network, source, settings, { stream, signal }) {
  const model = network.name;
  const asked = levelOf(settings);
  const sent = asked === 'clean' ? source.blob : await distort(source.blob, asked, signal);
  const stated = settings.brightness === 1 && settings.other === undefined ? undefined : asked;
  const known = source.references.get(model);
  const [picture, adapted, original, clean] = await Promise.all([
    createImageBitmap(sent),
    segment(sent, { model, level: stated, stream, signal }).then((answer) => enlarged(answer, source)),
    segment(sent, { model, level: 'clean', signal }).then((answer) => enlarged(answer, source)),
    known || asked === 'clean' ? undefined : segment(source.blob, { model, level: 'clean', signal }),
  ]);
  const reference = known ?? (clean ?? original).mask;
  source.references.set(model, reference);
  const [originalScore, adaptedScore] = [compare(original.mask, reference), compare(adapted.mask, reference)];
  return { network, asked, sent, picture, original, adapted, reference, originalScore, adaptedScore };
}
