#!/usr/bin/env node
// Nothing is imported before the version check: an old Node would stop at the syntax of a dependency instead.
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
if (major < 20 || (major === 20 && minor < 10)) {
  process.stderr.write(
    `gearnn: expected Node.js 20.10 or newer, got ${process.versions.node}. Install it from https://nodejs.org and run again.\n`,
  );
  process.exitCode = 2;
} else {
  const loaded = await import('./run.js').catch(explainStart);
  await loaded?.run(process.argv);
}

/**
 * Says why the program's own files cannot be read. What explains the errors of commands is among them, so this stands alone.
 *
 * @throws an error that is a fault of the program
 */
function explainStart(error: unknown): void {
  const { code = '', message, path } = error as NodeJS.ErrnoException;
  const lines: Record<string, string | undefined> = {
    EMFILE:
      'expected room for the open files of gearnn itself, got as many as a process may have (EMFILE). Raise the limit (ulimit -n 4096) and run the same command again. (E_FILES_OPEN)',
    ENFILE:
      'expected room for the open files of gearnn itself, got as many as the whole system may have (ENFILE). End what holds many, or raise fs.file-max, and run the same command again. (E_FILES_OPEN)',
    EACCES: `expected files of gearnn that this user may read, got ${path ?? 'one'} that the system denies (EACCES). Change its permissions, or install gearnn anew as this user. (E_FILE_ACCESS)`,
    ERR_MODULE_NOT_FOUND: `expected gearnn and what it is built on, got: ${message.split('\n')[0]}. Install it anew: npm ci --ignore-scripts and npm run build in a checkout. (E_FILE_MISSING)`,
  };
  const line = lines[code];
  if (line === undefined) throw error;
  process.stderr.write(`gearnn: ${line}\n`);
  process.exitCode = 1;
}
