import { enlarged } from './enlarged.js';
import { levelOf } from './levels.js';
import { distort, infer } from './networks.js';
import { viewOf } from './tasks.js';

/** @typedef {import('./networks.js').Answer} Answer */

/**
 * How far an answer is that of the clean image.
 *
 * @typedef {object} Score
 * @property {number} agreement 0..1
 * @property {string} note what else to show
 * @property {string} spoken what to say, after who does it
 */

/**
 * One image at one setting, answered by both.
 *
 * @typedef {object} Round
 * @property {import('./networks.js').Network} network
 * @property {string} asked the level that the sliders gave
 * @property {Blob} sent
 * @property {ImageBitmap} picture `sent` decoded
 * @property {Answer} original with its mask, where it has one, in the size of the undistorted image
 * @property {Answer} adapted likewise
 * @property {Answer} reference the original's of the undistorted image
 * @property {Score} originalScore
 * @property {Score} adaptedScore
 */

/**
 * Asks both. The server reads compression from the file; every other level is stated, as one frame does not tell it for sure.
 *
 * @param {import('./networks.js').Network} network
 * @param {import('./source.js').Source} source
 * @param {import('./levels.js').Settings} settings
 * @param {{ stream?: string, output?: string, signal?: AbortSignal }} options `output`: the one that is asked for, of a network whose outputs are numbers
 * @returns {Promise<Round>}
 */
export async function ask(network, source, settings, { stream, output, signal }) {
  const model = network.name;
  const { route, compare } = viewOf(network);
  const asked = levelOf(settings);
  const sent = asked === 'clean' ? source.blob : await distort(source.blob, asked, signal);
  const stated = settings.brightness === 1 && settings.other === undefined ? undefined : asked;
  const key = JSON.stringify([model, output]);
  const known = source.references.get(key);
  const [picture, adapted, original, clean] = await Promise.all([
    createImageBitmap(sent),
    infer(sent, route, { model, level: stated, stream, output, signal }).then((answer) => enlarged(answer, source)),
    infer(sent, route, { model, level: 'clean', output, signal }).then((answer) => enlarged(answer, source)),
    known || asked === 'clean' ? undefined : infer(source.blob, route, { model, level: 'clean', output, signal }),
  ]);
  const reference = known ?? clean ?? original;
  source.references.set(key, reference);
  const [originalScore, adaptedScore] = [compare(original, reference), compare(adapted, reference)];
  return { network, asked, sent, picture, original, adapted, reference, originalScore, adaptedScore };
}
