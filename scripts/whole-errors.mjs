// Loaded by mocha in each process that runs tests for another one, which gets of an error what is enumerable: without this, no cause.

export const mochaHooks = {
  afterEach() {
    for (let error = this.currentTest.err; error?.cause !== undefined; error = error.cause) {
      if (Object.getOwnPropertyDescriptor(error, 'cause')?.enumerable !== false) break;
      Object.defineProperty(error, 'cause', { enumerable: true });
    }
  },
};
