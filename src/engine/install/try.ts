import { dirname } from 'node:path';
import { fail } from '../../common/errors.js';
import { lastLines, run } from './run.js';

const LOAD = 'for (const addon of process.argv.slice(1)) require(addon)';

/**
 * Loads addons, one after the other, in a process of their own, so that a library that crashes takes nothing down.
 *
 * @throws E_ENGINE_LOAD with the loader's reason
 */
export async function tryAddons(addons: string[]): Promise<void> {
  const env = { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '3' };
  const result = await run(process.execPath, ['-e', LOAD, ...addons], { env, timeout: 120 });
  if (result.status === 0) return;
  const reason = result.stderr
    .split('\n')
    .find((line) => /Error:/.test(line))
    ?.trim();
  return fail('E_ENGINE_LOAD', {
    where: dirname(addons[0]!),
    expected: `libraries that Node ${process.versions.node} loads`,
    got: reason ?? (result.signal ? `a crash (${result.signal})` : lastLines(result)),
    todo: 'Run gearnn engine install --force, which builds it anew for this machine, or use --engine wasm.',
  });
}
