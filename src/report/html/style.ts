import { variablesOf } from '../colors.js';

/** The report's style sheet: light and dark by the reader's setting, columns that fold on a phone, pages that print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  ${variablesOf('light')}
}
@media (prefers-color-scheme: dark) {
  :root {
    ${variablesOf('dark')}
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 66rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2.75rem 0 0.5rem; font-size: 1.2rem; }
h3 { margin: 1.25rem 0 0.25rem; font-size: 1rem; }
p { margin: 0.5rem 0; max-width: 46rem; }
.subtitle, .note, figcaption { color: var(--muted); }
.note, figcaption, .legend { font-size: 0.875rem; }
.lead { font-size: 1.125rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 0.75rem; margin: 1.25rem 0; padding: 0; }
.figures div { padding: 0.75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.figures dt { color: var(--muted); font-size: 0.875rem; }
.figures dd { margin: 0; font-size: 1.6rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figures dd small { font-size: 0.875rem; font-weight: 400; color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.5rem 0; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; border-radius: 2px; vertical-align: -0.05em; }
figure { margin: 0.75rem 0; }
figure svg { display: block; max-width: 100%; height: auto; }
figure.wide > svg { width: 100%; }
figure.panels.wide { display: grid; gap: 0.5rem 1rem; }
.narrow { display: none; }
/* A shadow at an edge behind which the table goes on. */
.scroll { overflow-x: auto; margin: 0.75rem 0;
  background: linear-gradient(to right, var(--paper) 30%, transparent) left / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 30%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / 1rem 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) right / 1rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
table.methods td:nth-child(2) { white-space: normal; min-width: 18rem; }
th, td { padding: 0.3rem 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--muted); font-weight: 500; font-size: 0.875rem; vertical-align: bottom; }
th:first-child, td:first-child { padding-left: 0; }
.left { text-align: left; } .right { text-align: right; }
tr.mean td { font-weight: 600; border-top: 2px solid var(--line); }
tr.aside td { color: var(--muted); }
b.best { color: var(--adaptor); }
details { margin: 0.5rem 0; }
summary { cursor: pointer; color: var(--muted); }
.frame { margin: 1.25rem 0; }
.frame .images { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.4rem; }
.frame img { display: block; width: 100%; height: auto; border-radius: 3px; }
.frame img.map { image-rendering: pixelated; }
.frame figure { margin: 0; }
code, pre { font: 0.875rem/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
pre { overflow-x: auto; padding: 0.75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1.25rem; font-size: 0.9375rem; }
dl.facts dt { color: var(--muted); } dl.facts dd { margin: 0; }
@media (max-width: 40rem) {
  body { padding: 1.25rem 1rem 3rem; }
  .wide, figure.panels.wide { display: none; } .narrow { display: block; }
  .frame .images { grid-template-columns: repeat(2, 1fr); }
  dl.facts { grid-template-columns: 1fr; } dl.facts dd { margin-bottom: 0.4rem; }
  th, td { padding: 0.3rem 0.5rem; }
}
@media print {
  :root { ${variablesOf('print')} }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { padding: 0; max-width: none; font-size: 0.8125rem; }
  figure, .frame, tr, .figures { break-inside: avoid; }
  h2, h3, summary { break-after: avoid; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
