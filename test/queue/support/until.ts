import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so. @throws Error after two minutes */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await isSo())) {
    if (performance.now() - start > 120_000) throw new Error(`never: ${isSo.toString()}`);
    await sleep(20);
  }
}
