import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeApi } from '../../src/serve/http/openapi-document.js';
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

describe('deploy: Kubernetes', () => {
  const { Deployment, Service, PodDisruptionBudget } = manifest();
  const pod = Deployment.spec.template;
  const { options } = serveOptions(calls()['kubernetes.yaml']);
  const [port] = container().ports;

  after(stopAll);

  it('asks for health where the server answers without a token', async () => {
    const { paths } = describeApi(DEFAULT_LIMITS);
    const server = await startDouble({ token: 's3cret' });
    const { startupProbe, livenessProbe, readinessProbe } = container();
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      expect(paths[httpGet.path]).to.have.property('get');
      expect(httpGet.port).to.equal(port!.name);
      expect((await server.get(httpGet.path)).status, httpGet.path).to.equal(200);
    }
    expect(livenessProbe.httpGet.path).to.equal('/v2/health/live');
    expect(readinessProbe.httpGet.path).to.equal('/v2/health/ready');
  });

  it("sends Prometheus to the server's figures", () => {
    const { annotations } = pod.metadata;
    expect(describeApi(DEFAULT_LIMITS).paths).to.have.property(annotations['prometheus.io/path']!);
    expect(annotations['prometheus.io/port']).to.equal(String(port!.containerPort));
    expect(port!.containerPort).to.equal(options['port']);
  });

  it('gives a pod longer to end than proxies and the longest request take together', () => {
    const [sleep, seconds] = container().lifecycle.preStop.exec.command;
    expect(sleep).to.equal('sleep');
    expect(options).to.not.have.property('deadline');
    expect(pod.spec.terminationGracePeriodSeconds).to.be.above(Number(seconds) + DEFAULT_LIMITS.deadline);
  });

  it('computes with as many threads as it may have processors', () => {
    expect(options['threads']).to.equal(Number(container().resources.limits.cpu));
  });

  it('mounts the token where it is read, and a place for temporary files beside the read-only rest', () => {
    const { securityContext, volumeMounts } = container();
    expect(securityContext).to.deep.include({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    const mounted = (path: string) => volumeMounts.find(({ mountPath }) => mountPath === path)?.name;
    expect(mounted('/tmp')).to.equal('tmp');
    const secret = pod.spec.volumes.find(({ name }) => name === mounted('/run/secrets/gearnn'));
    expect(secret).to.have.nested.property('secret.secretName', 'gearnn-token');
    expect(options['tokenFile']).to.equal('/run/secrets/gearnn/token');
  });

  it('reaches its pods: selectors, port and budget fit', () => {
    const { labels } = pod.metadata;
    expect(Deployment.spec.selector.matchLabels).to.deep.equal(labels);
    expect(Service.spec.selector).to.deep.equal(labels);
    expect(Service.spec.ports[0]!.targetPort).to.equal(port!.name);
    expect(PodDisruptionBudget.spec.selector.matchLabels).to.deep.equal(labels);
    expect(PodDisruptionBudget.spec.minAvailable).to.be.below(Deployment.spec.replicas);
  });
});
