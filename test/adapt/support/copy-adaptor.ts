import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Copies an adaptor of `FOLDER/LEVEL` into another folder, as if it were of another level. */
export async function copyAdaptor(from: string, to: string, level: string): Promise<void> {
  const folder = join(to, level);
  await cp(from, folder, { recursive: true });
  const config = join(folder, 'adaptor_config.json');
  await writeFile(config, (await readFile(config, 'utf8')).replace(`"${basename(from)}"`, `"${level}"`));
}
