#!/usr/bin/env node
// Nothing is imported before the version check: an old Node would stop at the syntax of a dependency instead.
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
if (major < 20 || (major === 20 && minor < 10)) {
  process.stderr.write(
    `gearnn: expected Node.js 20.10 or newer, got ${process.versions.node}. Install it from https://nodejs.org and run again.\n`,
  );
  process.exitCode = 2;
} else {
  const { run } = await import('./run.js');
  await run(process.argv);
}
