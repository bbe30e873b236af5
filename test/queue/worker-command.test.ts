import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GEARNN } from '../support/programs.js';
import { unsupported } from '../support/tools.js';
import { Fleet } from './support/fleet.js';
import { until } from './support/until.js';

/** Makes Node find no package of a name, as where npm could not install it. @source Node, "Customization hooks" */
function without(name: string): string {
  const hook = `export const resolve = (specifier, context, next) => {
    if (specifier === '${name}') throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(specifier, context);
  };`;
  const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
  return `--import=${url(`import { register } from 'node:module'; register(${JSON.stringify(url(hook))});`)}`;
}

describe('queue: gearnn worker', () => {
  for (const name of ['bullmq', 'ioredis']) {
    it(`without ${name} says that it is missing, and what adds it`, async () => {
      const places = ['--queue', 'redis://127.0.0.1:1/0', '--store', 'nowhere'];
      const worker = spawn(process.execPath, [without(name), ...GEARNN, 'worker', ...places]);
      let said = '';
      worker.stderr.on('data', (text: Buffer) => (said += text.toString()));
      const [status] = (await once(worker, 'close')) as [number | null];
      expect(status).to.equal(1);
      expect(said).to.contain('E_QUEUE_PACKAGE').and.contain(`Cannot find package '${name}'`);
      expect(said).to.contain('npm install --ignore-scripts bullmq@6 ioredis@5');
    });
  }

  it('--once ends with status 0 when the queue is empty, having done nothing', async function () {
    const fleet = await Fleet.start(this);
    try {
      const places = ['--queue', fleet.redis.url, '--store', join(fleet.folder, 'store')];
      const worker = spawn(process.execPath, [...GEARNN, 'worker', ...places, '--once']);
      let said = '';
      for (const stream of [worker.stdout, worker.stderr])
        stream.on('data', (text: Buffer) => (said += text.toString()));
      const [status] = (await once(worker, 'close')) as [number | null];
      expect(status, said).to.equal(0);
      expect(said).to.match(/^0 steps done$/m);
    } finally {
      await fleet.end();
    }
  });

  describe('of a graphics card', () => {
    let fleet: Fleet;
    let worker: ChildProcess | undefined;
    beforeEach(async function () {
      if (process.platform !== 'linux') unsupported(this, 'does not show the environment of processes');
      fleet = await Fleet.start(this);
    });
    afterEach(async () => {
      worker?.kill('SIGKILL');
      await fleet.end();
    });

    /** What the process sees that a worker starts for steps; this one refuses the step, as it is no experiment's. */
    const environment = async (flags: string[], own: NodeJS.ProcessEnv): Promise<Record<string, string>> => {
      const places = ['--queue', fleet.redis.url, '--store', join(fleet.folder, 'store')];
      worker = spawn(process.execPath, [...GEARNN, 'worker', ...places, ...flags], {
        env: { ...process.env, ...own },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      worker.stdout!.on('data', (text: Buffer) => (said += text.toString()));
      const stop = new AbortController();
      const written = [{ id: 'any', kind: 'base', seconds: 0, inputs: [] }];
      const run = fleet.coordinate({ written, signal: stop.signal }).catch(() => undefined);
      await until(() => said.includes('any: refused'));
      stop.abort(new Error('seen'));
      await run;
      const { pid } = worker;
      const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
      const variables = (await readFile(`/proc/${child}/environ`, 'utf8')).split('\0').filter((line) => line !== '');
      return Object.fromEntries(
        variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    };

    it('--gpu 2: the process that computes sees the third card alone, by the order of nvidia-smi', async () => {
      const seen = await environment(['--gpu', '2'], { CUDA_VISIBLE_DEVICES: '0,1' });
      expect(seen).to.include({ CUDA_VISIBLE_DEVICES: '2', CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
    });

    it('without --gpu it sees what the batch system gave the worker', async () => {
      const seen = await environment([], { CUDA_VISIBLE_DEVICES: '0,1' });
      expect(seen).to.include({ CUDA_VISIBLE_DEVICES: '0,1' }).and.not.have.property('CUDA_DEVICE_ORDER');
    });
  });
});
