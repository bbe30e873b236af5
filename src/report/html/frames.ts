import type { FrameExample } from '../frames.js';
import type { Results } from '../schema.js';
import { html, type Markup } from './markup.js';

/** Example images, each beside the truth and what every method made of it; nothing where there are none. */
export function framesSection({ classes, methods }: Results, frames: readonly FrameExample[]): Markup {
  if (frames.length === 0) return html``;
  return html`<h2>Examples</h2>
    <ul class="legend">
      ${classes.map(({ name, color }) => html`<li><i style="background: rgb(${color.join(', ')})"></i>${name}</li>`)}
    </ul>
    ${frames.map((frame) =>
      frameExample(
        frame,
        methods.map(({ name }) => name),
      ),
    )}`;
}

function frameExample(
  { id, level, image, truth, masks, width, height }: FrameExample,
  methods: readonly string[],
): Markup {
  const answers = methods.filter((method) => masks[method]).map((method) => [method, masks[method]]);
  const pictures = [['image', image], ['truth', truth], ...answers] as [string, string][];
  return html`<div class="frame">
    <h3>${level} <span class="note">${id}</span></h3>
    <div class="images">
      ${pictures.map(
        ([name, source]) =>
          html`<figure>
            <img src="${source}" alt="${name}" width="${width}" height="${height}" />
            <figcaption>${name}</figcaption>
          </figure>`,
      )}
    </div>
  </div>`;
}
