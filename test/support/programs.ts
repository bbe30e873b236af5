import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Under mocha alone the tests are TypeScript; `npm test` compiles all of them first, and then this file is JavaScript too.
const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/**
 * A module of the tests or sources, in the language in which the running test is.
 *
 * @param path without its ending, such as `./support/child`
 * @param from `import.meta.url` of the caller
 */
export function moduleUrl(path: string, from: string): URL {
  return new URL(`${path}.${ENDING}`, from);
}

/** What follows `node` to run a module as a program, in any working folder. */
export function programOf(path: string, from: string): string[] {
  const tsx = ENDING === 'ts' ? [`--import=${pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href}`] : [];
  return [...tsx, fileURLToPath(moduleUrl(path, from))];
}

/** What follows `node` to run `gearnn`. */
export const GEARNN: readonly string[] = programOf('../../cli/main', import.meta.url);
