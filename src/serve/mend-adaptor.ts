import { existsSync } from 'node:fs';
import { GearnnError } from '../common/errors.js';
import type { Holdings } from './holdings.js';
import { isEngineEnd } from './load-errors.js';
import type { Problem } from './problems.js';
import { signatureOf } from './shelf.js';

/** Tries again an adaptor that could not be loaded, if its files have changed. @throws E_SERVE_ENGINE */
export async function mendAdaptor(holdings: Holdings, problem: Problem): Promise<void> {
  const { problems, shelf, call } = holdings;
  const { network } = problem;
  const { folders, broken } = await shelf.adaptors(network);
  const folder = problem.level === undefined ? problem.folder : (folders.get(problem.level) ?? problem.folder);
  const signature = folder === undefined ? '' : await signatureOf(folder);
  const level = [...folders].find(([, path]) => path === folder)?.[0];
  // What was never loaded and is gone is missed by nobody.
  if (problem.folder !== undefined && !existsSync(problem.folder)) return giveUp(holdings, problem);
  // An error of the system passes without a change of the files, and that of a twin with a change of the other's.
  const isSame = signature === problem.signature && problem.error instanceof GearnnError;
  if (isSame && (problem.level !== undefined || level === undefined)) return;
  try {
    if (level === undefined) throw broken.find((one) => one.folder === folder)?.error ?? problem.error;
    holdings.keep(network, await call('add', network, folder!));
    holdings.applied(network).set(folder!, { signature, level });
    problems.solve(problem.name);
    if (problem.folder !== undefined) holdings.unwant(network, problem.folder);
    holdings.want(network, level);
  } catch (error) {
    if (isEngineEnd(error as Error)) throw error;
    problems.add({ ...problem, error: error as Error, signature });
  }
}

function giveUp(holdings: Holdings, { name, network, folder = '', level }: Problem): void {
  holdings.problems.forget(name);
  for (const item of [folder, level ?? '']) holdings.unwant(network, item);
}
