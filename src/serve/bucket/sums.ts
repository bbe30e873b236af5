import { join } from 'node:path';
import { fail } from '../../common/errors.js';
import { sha256File } from '../../common/files.js';
import { readText } from '../../common/text-file.js';

/** Name of the file that says which files belong together, as `sha256sum adaptor* > SHA256SUMS` writes it. */
export const SUMS = 'SHA256SUMS';

/** @throws E_ADAPTOR where a file of an adaptor's folder is not the one that its sums name, or they do not name it */
export async function checkSums(folder: string, names: readonly string[]): Promise<void> {
  const lines = (await readText(join(folder, SUMS))).split(/\r?\n/).filter((line) => line.trim() !== '');
  const sums = new Map(
    lines.map((line) => {
      const [, hash, name] = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/i.exec(line) ?? [];
      if (hash === undefined) wrong(folder, `lines of \`sha256sum\` in ${SUMS}`, 'another one');
      return [name!, hash.toLowerCase()] as const;
    }),
  );
  for (const name of names) {
    const sum = sums.get(name);
    if (sum === undefined) wrong(folder, `a line for ${name} in ${SUMS}`, 'none');
    const own = await sha256File(join(folder, name));
    if (own !== sum) wrong(folder, `${name} with the SHA-256 that ${SUMS} names, ${sum}`, own);
  }
  const more = [...sums.keys()].find((name) => !names.includes(name));
  if (more !== undefined) wrong(folder, `${more}, which ${SUMS} names`, 'no such file');
}

function wrong(where: string, expected: string, got: string): never {
  fail('E_ADAPTOR', {
    where,
    expected,
    got,
    todo: `Upload all files, and make the sums anew: sha256sum adaptor* > ${SUMS}`,
  });
}
