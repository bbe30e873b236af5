// An installation in a process of its own, for a test that kills it.
import { installTensorflow } from '../../../src/engine/install/install.js';

process.once('message', (home: string) => {
  void installTensorflow({ home, progress: (event) => process.send!(event) });
});
