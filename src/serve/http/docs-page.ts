import type { ApiDocument, Operation } from './openapi-document.js';

/** The API's description as one HTML page that loads nothing from elsewhere. */
export function docsPage({ info, paths }: ApiDocument): string {
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => section(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
h2 { font: bold 1rem ui-monospace, monospace; margin-top: 2rem }
table { border-collapse: collapse }
td { padding: .1rem 1rem .1rem 0; vertical-align: top }
pre { overflow: auto }
</style>
<h1>${escape(info.title)} ${escape(info.version)}</h1>
<p>${escape(info.description)} For machines: <a href="/openapi.json">openapi.json</a>. Every error is
<code>{"error": message, "code": "E_..."}</code>.</p>
${sections.join('\n')}
</html>
`;
}

function section(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const example = Object.values(requestBody?.content ?? {}).find((content) => content.example !== undefined)?.example;
  const types = Object.keys(requestBody?.content ?? {}).join(', ');
  return `<h2>${method.toUpperCase()} ${escape(path)}</h2>
<p>${escape(summary)}. ${escape(description ?? '')}${types === '' ? '' : ` Body: ${escape(types)}.`}</p>
${table(parameters.map(({ name, in: place, description: what }) => [name, place, what]))}
${example === undefined ? '' : `<pre>${escape(JSON.stringify(example, null, 2))}</pre>`}
${table(Object.entries(responses).map(([status, { description: what }]) => [status, what]))}`;
}

function table(rows: string[][]): string {
  if (rows.length === 0) return '';
  const cells = (row: string[]): string => row.map((cell) => `<td>${escape(cell)}</td>`).join('');
  return `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</table>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
