// Compiles src, cli and bench into dist/, whole or not at all: a build that fails leaves the last good one in place.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The folders that are compiled; what they hold beside TypeScript is copied, for code that reads it from beside itself. */
export const SOURCES = ['src', 'cli', 'bench'];

/** Every file of a folder, relative to the root, sorted; none where there is no such folder. */
export function filesOf(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((path) => join(folder, path))
    .filter((path) => statSync(join(ROOT, path)).isFile() && !path.includes('__pycache__'))
    .sort();
}

/** Returns the compiler's messages; an empty text means that dist/ is new. */
export function build() {
  const fresh = join(ROOT, `dist-new-${process.pid}`);
  const old = join(ROOT, `dist-old-${process.pid}`);
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const result = spawnSync(
      process.execPath,
      [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh, '--pretty', 'false'],
      {
        cwd: ROOT,
        encoding: 'utf8',
      },
    );
    if (result.status !== 0) return result.stdout + result.stderr || 'the compiler stopped without a message';
    chmodSync(join(fresh, 'cli/main.js'), 0o755);
    for (const path of SOURCES.flatMap(filesOf)) if (!/\.c?ts$/.test(path)) cpSync(join(ROOT, path), join(fresh, path));
    if (existsSync(join(ROOT, 'dist'))) renameSync(join(ROOT, 'dist'), old);
    renameSync(fresh, join(ROOT, 'dist'));
    return '';
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const messages = build();
  if (messages) {
    console.error(messages.trimEnd());
    process.exitCode = 1;
  }
}
