import type { Engine, EngineOptions } from '../src/engine/start.js';
import type { Context } from './context.js';
import type { AutoEngineFlags } from './options.js';

/** Starts the engine that a command's options ask for, and passes on what it has to say. */
export async function openEngine(
  context: Context,
  { engine, precision, threads, imitateBf16 }: AutoEngineFlags & Pick<EngineOptions, 'imitateBf16'>,
): Promise<Engine> {
  const { startWatchdog } = await import('./watchdog.js');
  void startWatchdog();
  const { startEngine } = await import('../src/engine/start.js');
  const started = await startEngine({ engine, precision, threads, imitateBf16, verbose: context.verbose });
  if (started.notice) context.note(started.notice);
  return started;
}
