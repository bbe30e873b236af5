import { Option } from 'commander';

/** `--queue URL` */
export function queueOption(): Option {
  return new Option('--queue <url>', 'Redis that steps are given out by, redis://HOST[:PORT]/N');
}

/** `--store PLACE` */
export function storeOption(): Option {
  return new Option(
    '--store <place>',
    'where all machines find the results of steps: a folder that they all see, or s3://BUCKET/PREFIX',
  );
}

/** @throws E_USAGE where only one of the two is given that need each other */
export async function requireStore({ queue, store }: { queue?: string; store?: string }): Promise<void> {
  if (queue === undefined || store !== undefined) return;
  const { fail } = await import('../src/common/errors.js');
  fail('E_USAGE', {
    where: '--queue',
    expected: '--store beside it',
    got: 'none',
    todo: 'Add --store with a folder that this machine and all workers see, or s3://BUCKET/PREFIX.',
  });
}
