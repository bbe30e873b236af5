import { expect } from 'chai';
import { KeyTwiceError, parseJson } from '../../src/common/parse-json.js';

describe('common: parseJson', () => {
  it('gives what JSON.parse gives', () => {
    const texts = [
      '{"a":{"b":1},"b":[{"a":1},{"a":2}],"c":"{\\"a\\":1,\\"a\\":2}","\\\\":"\\\\\\\\","":[]}',
      ...['"a"', '[]', ' {} ', 'null', '["a","a",":"]', '{"a":"a","b":"a: \\" :"}', '{"__proto__":1}'],
    ];
    for (const text of texts) expect(parseJson(text), text).to.deep.equal(JSON.parse(text));
  });

  for (const [text, ...parts] of [
    ['{"a":1,"b":2,"a":3}', '"a" is given twice', 'character 2', 'character 14'],
    ['[{"x":{"a":1,\n"a" : 1}}]', '"a" is given twice', 'line 1', 'line 2'],
    ['{"a":1,"\\u0061":2}', '"a" is given twice'],
    ['{"a":[{"q":1}],"c":{"a":0},"a":{}}', '"a" is given twice'],
    ['{"\\\\":1,"\\\\":2}', '"\\\\" is given twice'],
  ] as const) {
    it(`refuses ${text.replace('\n', ' ')}`, () => {
      expect(() => parseJson(text))
        .to.throw(KeyTwiceError)
        .with.property('message')
        .that.satisfies((message: string) => parts.every((part) => message.includes(part)));
    });
  }
});
