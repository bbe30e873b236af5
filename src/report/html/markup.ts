/** Text that is markup already. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Part = string | number | Markup | readonly Part[];

/** Markup from a template; every value that is not markup itself is escaped. */
export function html(strings: TemplateStringsArray, ...values: Part[]): Markup {
  return new Markup(strings.reduce((text, piece, i) => text + render(values[i - 1]!) + piece));
}

/** Takes text as the markup that it is, such as an SVG. */
export function markup(text: string): Markup {
  return new Markup(text);
}

/** A table; the first `left` columns are aligned left, the others right. Rows may be marked by a class. */
export function table(
  head: Part[],
  rows: { cells: Part[]; mark?: string }[],
  { left = 1, mark = '' }: { left?: number; mark?: string } = {},
): Markup {
  const side = (i: number): string => (i < left ? 'left' : 'right');
  return html`<div class="scroll">
    <table class="${mark}">
      <thead>
        <tr>
          ${head.map((cell, i) => html`<th class="${side(i)}">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html` <tr class="${row.mark ?? ''}">
              ${row.cells.map((cell, i) => html`<td class="${side(i)}">${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function render(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return (part as readonly Part[]).map(render).join('');
  return String(part as string | number).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
