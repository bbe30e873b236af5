// A command line with one command per way to end, run by the tests in a process of its own.
import { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { withContext } from '../../../cli/context.js';
import { jsonOption } from '../../../cli/options.js';
import { stdout } from '../../../cli/output.js';
import { createProgram } from '../../../cli/program.js';
import { run } from '../../../cli/run.js';
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
add('unwatched', async () => {
  stdout('running');
  await sleep(60_000);
});

await run(process.argv, program);
