import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { writeFileAtomic } from '../src/common/files.js';

/**
 * Puts a report into a page, between the marks that it has for it.
 *
 * @param name of the command: `onnx` of `npm run bench -- onnx`
 * @throws Error where the page has no such marks
 */
export async function putReport(path: string, name: string, report: string): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- by npm run bench -- ${name} -->`, '<!-- end -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${path}: expected "${begin}" and "${end}"`);
  const text = `${page.slice(0, from)}${begin}\n\n${report}\n\n${page.slice(to)}`;
  await writeFileAtomic(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}
