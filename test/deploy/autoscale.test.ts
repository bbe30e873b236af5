import { expect } from 'chai';
import { parse } from 'yaml';
import { startDouble, stopAll } from '../serve/support/server.js';
import { readSource } from '../support/sources.js';
import { manifest } from './support/files.js';

interface Autoscaler {
  spec: {
    scaleTargetRef: { kind: string; name: string };
    minReplicas: number;
    maxReplicas: number;
    metrics: { pods: { metric: { name: string }; target: { type: string; averageValue: string } } }[];
  };
}

interface Values {
  rules: { custom: { seriesQuery: string; name: { as: string }; metricsQuery: string }[] };
}

describe('deploy: an autoscaler', () => {
  const { spec } = parse(readSource('deploy/kubernetes-autoscale.yaml')) as Autoscaler;
  const { rules } = parse(readSource('deploy/prometheus-adapter.yaml')) as Values;

  after(stopAll);

  it('scales the deployment that there is, and never below what its budget asks for', () => {
    const { Deployment, PodDisruptionBudget } = manifest();
    expect(spec.scaleTargetRef).to.include({ kind: 'Deployment', name: Deployment.metadata.name });
    expect(spec.minReplicas).to.be.above(PodDisruptionBudget.spec.minAvailable);
    expect(spec.maxReplicas).to.be.above(spec.minReplicas);
  });

  it("asks for what the adapter's rules make, and these read series that a server has", async () => {
    expect(spec.metrics.map(({ pods }) => pods.metric.name)).to.deep.equal(rules.custom.map(({ name }) => name.as));
    const server = await startDouble();
    const types = new Map(
      [...(await (await server.get('/metrics')).text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
        ([, name, type]) => [name!, type!] as const,
      ),
    );
    for (const { seriesQuery, metricsQuery } of rules.custom) {
      const series = seriesQuery.replace(/\{.*/, '');
      // A counter has a rate, a gauge has a mean.
      expect(metricsQuery, series).to.contain(types.get(series) === 'counter' ? 'rate(' : 'avg_over_time(');
      expect(types.get(series), series).to.be.oneOf(['counter', 'gauge']);
    }
  });
});
