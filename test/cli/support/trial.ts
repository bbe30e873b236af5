// A command line with one command per way to end, run by the tests in a process of its own.
import { Command } from 'commander';
import { open, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withContext } from '../../../cli/context.js';
import { jsonOption } from '../../../cli/options.js';
import { stderr, stdout, summary } from '../../../cli/output.js';
import { createProgram } from '../../../cli/program.js';
import { run } from '../../../cli/run.js';
import { startWatchdog } from '../../../cli/watchdog.js';
import { fail } from '../../../src/common/errors.js';

const program = createProgram();

function add(name: string, action: Parameters<typeof withContext<[object]>>[0]): Command {
  return program.command(name).addOption(jsonOption()).action(withContext(action));
}

add('wrong', () => fail('E_USAGE', { where: '--x', expected: 'one', got: 'two', todo: 'Give one.' }));
add('failed', () => fail('E_SHAPE', { where: 'x', expected: '[1]', got: '[2]' }));
add('broken', () => {
  throw new Error('kaput', { cause: new Error('the root of it') });
});
add('full', () => {
  throw Object.assign(new Error('write'), { code: 'ENOSPC', path: '/data/out' });
});
for (const code of ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST']) {
  add(code.toLowerCase(), () => {
    throw Object.assign(new Error(`${code}: open`), { code, path: '/data/out' });
  });
}
add('pathless', () => {
  throw Object.assign(new Error('ENOENT: uv_cwd'), { code: 'ENOENT' });
});
add('leftover', () => {
  setInterval(() => {}, 1000);
  fail('E_SHAPE', { where: 'x', expected: '[1]', got: '[2]' });
});
add('flood', () => {
  for (let i = 0; i < 100_000; i++) stdout(`line ${i}`);
});
add('steps', (context) => {
  for (let done = 1; done <= 3; done++) {
    context.progress({ task: 'epoch 1/1', done, total: 3, unit: 'steps', values: { loss: 0.123456 } });
  }
  stdout('{}');
});
add('gentle', async (context) => {
  const signal = context.interruptible('gearnn train --resume');
  stdout('running');
  while (!signal.aborted) await sleep(5);
  stdout('saved');
  signal.throwIfAborted();
});
add('slow', async (context) => {
  const signal = context.interruptible('gearnn train --resume');
  stdout('running');
  while (!signal.aborted) await sleep(5);
  await sleep(300);
  stdout('saved');
  signal.throwIfAborted();
});
add('stubborn', async (context) => {
  context.interruptible('gearnn train --resume');
  stdout('running');
  await sleep(60_000);
});
/** Talks more than a pipe holds, and leaves its result in the file that the environment names. */
add('talker', async () => {
  for (let i = 0; i < 100; i++) {
    summary(`summary ${i} ${'.'.repeat(1000)}`);
    stderr(`message ${i} ${'.'.repeat(1000)}`);
    if (i % 10 === 0) await sleep(1);
  }
  writeFileSync(process.env['TRIAL_RESULT']!, 'whole');
});
add('impatient', async (context) => {
  context.interruptible('gearnn train --resume', undefined, 0.2);
  stdout('running');
  await sleep(60_000);
});
/** As a step in TensorFlow does, it holds the thread in which Node's handlers run. */
add('computing', async () => {
  const alive = setInterval(() => {}, 1000);
  await startWatchdog();
  stdout('running');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  clearInterval(alive);
});
/** Reads a pipe that nobody writes to, in a thread of Node's pool that nothing ends. */
add('waiting', async () => {
  open(process.env['TRIAL_PIPE']!, () => {});
  stdout('running');
  await sleep(60_000);
});
add('unwatched', async () => {
  stdout('running');
  await sleep(60_000);
});

await run(process.argv, program);
