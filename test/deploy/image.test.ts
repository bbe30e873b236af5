import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../src/serve/limits.js';
import { startDouble, stopAll } from '../serve/support/server.js';
import { ROOT, readSource } from '../support/sources.js';
import { calls, compose, container, dockerfile, manifest, only, serveOptions } from './support/files.js';

const { version, engines } = JSON.parse(readSource('package.json')) as { version: string; engines: { node: string } };
const image = dockerfile();
const runtime = image.at(-1)!;

describe('deploy: the image', () => {
  it('runs on a Node.js that package.json allows, the same that builds it', () => {
    const [, major] = /node:(\d+)-/.exec(only(image[0]!, 'ARG'))!;
    expect(Number(major)).to.be.above(Number(/^>=(\d+)/.exec(engines.node)![1]));
    for (const stage of image.slice(1)) expect(only(stage, 'FROM')).to.match(/^\$\{NODE_IMAGE\}/);
  });

  it('copies only what is there and what .dockerignore lets in', () => {
    const sources = image.flatMap((stage) =>
      stage
        .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
        .flatMap(({ text }) => text.split(/\s+/).slice(0, -1)),
    );
    expect(sources).to.include.members(['src', 'cli', 'package-lock.json', 'checkpoints/demo']);
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).to.deep.equal([]);
    const [first, ...letIn] = readSource('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).to.equal('*');
    const roots = letIn.map((line) => line.replace(/^!/, '').replace(/\/\*\..*$/, ''));
    expect(sources.filter((path) => !roots.some((root) => root === path || root.startsWith(`${path}/`)))).to.deep.equal(
      [],
    );
  });

  it('is started by a number that is not root, without a shell', () => {
    const [user, group] = only(runtime, 'USER').split(':').map(Number);
    expect(user).to.be.above(0);
    expect(group).to.be.above(0);
    expect(JSON.parse(only(runtime, 'ENTRYPOINT'))).to.deep.equal(['node', '/app/dist/cli/main.js']);
    expect(manifest().Deployment.spec.template.spec.securityContext.runAsUser).to.equal(user);
  });

  it('serves the network that is copied to where its call looks', () => {
    const { options } = serveOptions(calls().Dockerfile);
    const copied = runtime.find(({ text }) => text.startsWith('checkpoints/demo '))!.text.split(' ')[1];
    expect(options).to.include({ checkpoint: copied, adaptors: `${copied}/adaptors` });
  });

  it("has a health check that tells a server that lives from none, by the server's own routes", async () => {
    const [, command] = /CMD (\[.*\])$/.exec(only(runtime, 'HEALTHCHECK'))!;
    const [program, ...parameters] = JSON.parse(command!) as string[];
    expect(program).to.equal('node');
    const check = async (url: string): Promise<unknown> => {
      const here = parameters.map((text) => text.replace('http://127.0.0.1:8080', url));
      expect(here).to.not.deep.equal(parameters);
      const [status] = (await once(spawn(process.execPath, here), 'close')) as [number];
      return status;
    };
    const server = await startDouble({ token: 's3cret' });
    expect(await check(server.url)).to.equal(0);
    await stopAll();
    expect(await check(server.url)).to.equal(1);
  });
});

describe('deploy: the calls', () => {
  for (const [file, call] of Object.entries(calls())) {
    it(`of ${file} have options that gearnn serve has, and listen for others on the image's port`, () => {
      const { options, rest } = serveOptions(call);
      expect(rest).to.deep.equal([]);
      expect(options).to.include({ host: '0.0.0.0', port: Number(only(runtime, 'EXPOSE')) });
      expect(options['checkpoint']).to.match(/^\/models\//);
    });
  }

  it('of docs/deploy.md have options that gearnn serve has', () => {
    const page = readSource('docs/deploy.md').replaceAll(/\\\n\s*/g, '');
    const shell = [...page.matchAll(/gearnn:\S+ (serve .*)$/gm)].map((match) => match[1]!.split(' '));
    const baked = [...page.matchAll(/^CMD (\[.*\])$/gm)].map((match) => JSON.parse(match[1]!) as string[]);
    expect([shell.length, baked.length]).to.deep.equal([2, 1]);
    for (const call of [...shell, ...baked]) {
      const { options, rest } = serveOptions(call);
      expect(rest, call.join(' ')).to.deep.equal([]);
      expect(options).to.include({ host: '0.0.0.0' });
    }
  });

  it('an option that gearnn serve lacks is found', () => {
    expect(serveOptions(['serve', '--checkpoint=x', '--workers=2']).rest).to.deep.equal(['--workers=2']);
  });

  it('name the image by the version of package.json', () => {
    const tag = `gearnn:${version}`;
    expect([compose().image, container().image]).to.deep.equal([tag, tag]);
    for (const page of ['deploy/Dockerfile', 'docs/deploy.md'])
      expect(new Set(readSource(page).match(/gearnn:\d[\w.]*/g)), page).to.deep.equal(new Set([tag]));
  });

  it('get a token, and longer to stop than a request may take', () => {
    const { command, stop_grace_period, read_only, tmpfs } = compose();
    expect(serveOptions(command).options['tokenFile']).to.equal('/run/secrets/gearnn-token');
    expect(Number.parseInt(stop_grace_period, 10)).to.be.above(DEFAULT_LIMITS.deadline);
    expect({ read_only, tmpfs }).to.deep.equal({ read_only: true, tmpfs: ['/tmp'] });
  });
});
