import { expect } from 'chai';
import { describeApi } from '../../src/serve/http/openapi-document.js';
import { DEFAULT_LIMITS } from '../../src/serve/limits.js';
import { startDouble, stopAll } from '../serve/support/server.js';
import { calls, container, manifest, serveOptions } from './support/files.js';

describe('deploy: Kubernetes', () => {
  const { Deployment, Service, PodDisruptionBudget, NetworkPolicy } = manifest();
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

  it('reaches its pods: selectors, port, budget and network policy fit', () => {
    const { labels } = pod.metadata;
    expect(Deployment.spec.selector.matchLabels).to.deep.equal(labels);
    expect(Service.spec.selector).to.deep.equal(labels);
    expect(Service.spec.ports[0]!.targetPort).to.equal(port!.name);
    expect(PodDisruptionBudget.spec.selector.matchLabels).to.deep.equal(labels);
    expect(NetworkPolicy.spec.podSelector.matchLabels).to.deep.equal(labels);
    expect(NetworkPolicy.spec.ingress[0].ports[0].port).to.equal(port!.name);
    expect(PodDisruptionBudget.spec.minAvailable).to.be.below(Deployment.spec.replicas);
  });
});
