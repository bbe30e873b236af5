import { expect } from 'chai';
import { encodePng } from '../../src/image/encode.js';
import { Workshop } from '../../src/serve/distort/workshop.js';
import { moduleUrl } from '../support/programs.js';
import { expectFailure } from '../support/failure.js';

const never = new AbortController().signal;

describe('serve: distorting for clients', () => {
  let workshop: Workshop;
  let image: Uint8Array;

  before(async () => {
    workshop = new Workshop(moduleUrl('../../src/serve/distort/entry', import.meta.url));
    image = await encodePng({ data: new Uint8Array(12), width: 2, height: 2, channels: 3 });
  });
  after(() => workshop.stop());

  it('what a client left is ended with its process, what has not begun never begins, and the rest is done', async () => {
    const task = { image, level: 'jpeg=5' };
    const [first, third] = [new AbortController(), new AbortController()];
    const running = workshop.run(task, 60, first.signal);
    const pid = workshop.pid!;
    const [waiting, gone] = [workshop.run(task, 60, never), workshop.run(task, 60, third.signal)];
    third.abort();
    first.abort();
    await expectFailure(running, 'E_SERVE_LEFT');
    await expectFailure(gone, 'E_SERVE_LEFT');
    expect((await waiting)[0]).to.equal(0xff);
    expect(workshop.pid).to.not.equal(pid);
    expect(() => process.kill(pid, 0)).to.throw('ESRCH');
  });

  it('a deadline ends the work, a process that is killed is E_SERVE_ENGINE, and the next image is done', async () => {
    const task = { image, level: 'jpeg=5' };
    await expectFailure(workshop.run(task, 0, never), 'E_SERVE_DEADLINE');
    const killed = workshop.run(task, 60, never);
    process.kill(workshop.pid!, 'SIGKILL');
    await expectFailure(killed, 'E_SERVE_ENGINE', 'SIGKILL');
    expect((await workshop.run(task, 60, never))[0]).to.equal(0xff);
  });
});
