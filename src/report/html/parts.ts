import { partTables } from '../part-tables.js';
import type { Results } from '../schema.js';
import { html, type Markup, table } from './markup.js';

/** What methods reach on samples that nothing was trained on, beside the validation samples; nothing where the experiment names none. */
export function partSection(results: Results): Markup {
  const tables = partTables(results);
  if (tables.length === 0) return html``;
  return html`<h2>Seen and unseen</h2>
    ${tables.map(
      ({ heading, head, rows, text }) =>
        html`${heading === undefined ? '' : html`<h3>${heading}</h3>`}
          ${table(
            head,
            rows.map((cells) => ({ cells })),
          )}
          <p class="note">${text}</p>`,
    )}`;
}
