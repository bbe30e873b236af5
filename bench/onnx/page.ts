import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { writeFileAtomic } from '../../src/common/files.js';

/** Around what a command writes into a page. */
const [BEGIN, END] = ['<!-- by npm run bench -- onnx -->', '<!-- end -->'];

/**
 * Puts a report into a page, between the marks that it has for it.
 *
 * @throws Error where the page has no such marks
 */
export async function putReport(path: string, report: string): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${path}: expected "${BEGIN}" and "${END}"`);
  const text = `${page.slice(0, from)}${BEGIN}\n\n${report}\n\n${page.slice(to)}`;
  await writeFileAtomic(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}
