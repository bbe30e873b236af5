import { byId, made, percent } from './dom.js';

/** @typedef {import('./networks.js').Answer} Answer */

/**
 * How far an answer is that of the clean image: the probability of the class that is the likeliest there.
 *
 * @param {Answer} answer
 * @param {Answer} reference
 * @returns {import('./round.js').Score}
 */
export function compareClasses({ top }, reference) {
  const [wanted, said] = [reference.top[0], top[0]];
  const agreement = top.find(({ id }) => id === wanted?.id)?.probability ?? 0;
  const name = said?.class ?? 'nothing';
  return {
    agreement,
    note: said?.id === wanted?.id ? 'the same class' : `says ${name}`,
    spoken: `says ${name}, ${percent(said?.probability ?? 0)}`,
  };
}

/**
 * Lists the likeliest classes of both, and of the original on the clean image.
 *
 * @param {import('./round.js').Round} round
 */
export function drawClasses({ original, adapted, reference }) {
  const wanted = reference.top[0]?.id;
  for (const [id, answer] of Object.entries({ original, adapted, reference })) {
    const entries = answer.top.map((one) => entryOf(one, one.id === wanted));
    byId(`${id}-classes`, HTMLElement).replaceChildren(...entries);
  }
}

/**
 * @param {import('./networks.js').TopClass} top
 * @param {boolean} isWanted the class of the clean answer
 */
function entryOf({ class: name, probability }, isWanted) {
  const item = document.createElement('li');
  const meter = document.createElement('meter');
  meter.value = probability;
  meter.setAttribute('aria-hidden', 'true');
  item.append(made(isWanted ? 'b' : 'span', name), made('span', percent(probability)), meter);
  return item;
}
