import { drawRadial } from '../charts/radial.js';
import { seriesOf } from '../charts/series.js';
import {
  frequencyGroups,
  FREQUENCY_HEAD,
  frequencyRows,
  frequencyText,
  MAP_KINDS,
  mapFile,
  PICTURES_TEXT,
  type FrequencyGroup,
  type MapKind,
  type Pictures,
} from '../frequency.js';
import type { MethodInfo, Results } from '../schema.js';
import { figure } from './figures.js';
import { html, table, type Markup } from './markup.js';

/** What the networks look at: numbers, curves and maps; nothing where it was not measured. */
export function frequencySection(results: Results, pictures: Pictures): Markup {
  if (results.frequency.length === 0) return html``;
  return html`<h2>What the networks look at</h2>
    <p>${frequencyText(results)}</p>
    ${table(
      FREQUENCY_HEAD,
      frequencyRows(results).map((cells) => ({ cells })),
      { left: 3 },
    )}
    <p class="note">${PICTURES_TEXT}</p>
    ${frequencyGroups(results).map((group) => groupFigures(group, results.methods, pictures))}`;
}

function groupFigures(group: FrequencyGroup, methods: readonly MethodInfo[], pictures: Pictures): Markup {
  const colors = new Map(seriesOf(methods).map(({ method, color }) => [method, color]));
  return html`<div class="frame">
    <h3>${group.level} <span class="note">${group.input} images</span></h3>
    <ul class="legend">
      ${group.rows.map(({ method }) => html`<li><i style="background: ${colors.get(method)!}"></i>${method}</li>`)}
    </ul>
    ${figure((width) => drawRadial(group, methods, width))} ${MAP_KINDS.map((kind) => maps(group, kind, pictures))}
  </div>`;
}

function maps({ rows }: FrequencyGroup, kind: MapKind, pictures: Pictures): Markup {
  const shown = rows.flatMap((row) => {
    const bytes = pictures.get(`${mapFile(row, kind)}.png`);
    if (!bytes) return [];
    const source = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    const text = `${kind}: ${row.method}`;
    return [
      html`<figure>
        <img class="map" src="${source}" alt="${text}" width="${row.width}" height="${row.height}" />
        <figcaption>${text}</figcaption>
      </figure>`,
    ];
  });
  return shown.length === 0 ? html`` : html`<div class="images">${shown}</div>`;
}
