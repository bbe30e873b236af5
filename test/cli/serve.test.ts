import { expect } from 'chai';
import { gearnn } from './support/gearnn.js';

describe('gearnn serve', () => {
  const WRONG: [title: string, options: string[], message: string][] = [
    [
      'a deadline longer than timers can wait',
      ['--deadline', '2147484'],
      '--deadline: expected a number from 0.001 to 2147483, got "2147484"',
    ],
    [
      'a folder of further checkpoints that is not there',
      ['--models', 'nowhere'],
      '--models: expected a folder of checkpoints, got nowhere, which is none',
    ],
    [
      'a reference image that is not there',
      ['--reference', 'nowhere.png'],
      '--reference: expected an image file that can be read, got ENOENT for nowhere.png',
    ],
  ];
  for (const [title, options, message] of WRONG) {
    it(`${title} fails the start with exit code 2`, async () => {
      const call = [
        'serve',
        '--checkpoint',
        'checkpoints/demo',
        '--port',
        '0',
        '--engine',
        'cpu',
        '--log-level',
        'silent',
      ];
      const { code, out, err } = await gearnn(...call, ...options);
      expect({ code, out }, err).to.deep.equal({ code: 2, out: '' });
      expect(err).to.contain(message).and.to.contain('(E_USAGE)');
    });
  }
});
