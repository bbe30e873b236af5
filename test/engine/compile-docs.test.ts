import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import { compile } from '../../src/engine/compile.js';
import { startEngine } from '../../src/engine/start.js';
import { allVariables } from '../../src/engine/variables.js';
import { onEngines } from '../support/engines.js';
import { readSource } from '../support/sources.js';

type Program = (...given: unknown[]) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...source: string[]) => Program;

/** The first program of the page, its imports handed over instead. */
function example(): Program {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readSource('docs/compile.md'))!;
  const { outputText } = ts.transpileModule(code!.replace(/^import .*$/gm, ''), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return new AsyncFunction('tf', 'compile', 'startEngine', 'console', outputText);
}

onEngines('docs/compile.md', (engine) => {
  it('the example runs, and its loss falls', async () => {
    const losses: number[] = [];
    const older = new Set(allVariables());
    tf.engine().startScope();
    await example()(tf, compile, () => startEngine({ engine }), { log: (loss: number) => losses.push(loss) });
    tf.engine().endScope();
    tf.dispose(allVariables().filter((variable) => !older.has(variable)));
    expect(losses).to.have.length(10);
    for (const [i, loss] of losses.slice(1).entries()) expect(loss).to.be.lessThan(losses[i]!);
  });
});
