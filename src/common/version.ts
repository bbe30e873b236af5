import { readFileSync } from 'node:fs';

/** gearnn's version, out of its package.json; found from the sources (`src/common/`) and from the build (`dist/src/common/`). */
export function gearnnVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'gearnn') return version!;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
