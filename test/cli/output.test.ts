import { expect } from 'chai';
import { formatTable, paint } from '../../cli/output.js';

describe('cli: output', () => {
  it('aligns the first column left and the others right, with two spaces between', () => {
    const text = formatTable(
      [
        ['jpeg=10', 0.412, 12],
        ['brightness=0.3', 0.5, null],
      ],
      { head: ['level', 'miou', 'n'] },
    );
    expect(text.split('\n')).to.deep.equal([
      'level            miou   n',
      'jpeg=10         0.412  12',
      'brightness=0.3    0.5   -',
    ]);
  });

  it('takes the side of each column from the options', () => {
    expect(
      formatTable(
        [
          ['a', 'b'],
          ['aa', 'bb'],
        ],
        { align: ['right', 'left'] },
      ),
    ).to.equal(' a  b\naa  bb');
  });

  it('paints nothing where NO_COLOR is set, terminal or not', () => {
    const before = { isTTY: process.stdout.isTTY, color: process.env['NO_COLOR'], term: process.env['TERM'] };
    try {
      process.stdout.isTTY = true;
      process.env['TERM'] = 'xterm';
      delete process.env['NO_COLOR'];
      expect(paint('bold', 'x')).to.equal('\u001b[1mx\u001b[22m');
      process.env['NO_COLOR'] = '1';
      expect(paint('bold', 'x')).to.equal('x');
    } finally {
      process.stdout.isTTY = before.isTTY;
      restore('NO_COLOR', before.color);
      restore('TERM', before.term);
    }
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
