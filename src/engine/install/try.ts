import { fail } from '../../common/errors.js';
import { lastLines, run } from './run.js';

const LOAD = 'process.stdout.write(JSON.stringify(require(process.argv[1]).TF_Version ?? ""))';

/**
 * Loads an addon in a process of its own, so that a library that crashes takes nothing down.
 *
 * @returns TensorFlow's version, as the binding tells it; empty for another addon
 * @throws E_ENGINE_LOAD with the loader's reason
 */
export async function tryBinding(binding: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '3' };
  const result = await run(process.execPath, ['-e', LOAD, binding], { env, timeout: 120 });
  if (result.status === 0) return JSON.parse(result.stdout) as string;
  const reason = result.stderr
    .split('\n')
    .find((line) => /Error:/.test(line))
    ?.trim();
  return fail('E_ENGINE_LOAD', {
    where: binding,
    expected: `a library that Node ${process.versions.node} loads`,
    got: reason ?? (result.signal ? `a crash (${result.signal})` : lastLines(result)),
    todo: 'Run gearnn engine install --force, which builds it anew for this machine, or use --engine wasm.',
  });
}
