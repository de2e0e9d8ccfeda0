import { stringify } from 'yaml';
import { alerts } from './alerts.ts';
import { burnRates, rateRecordOf, recordOf, type Slo, slos, windows } from './slos.ts';

/** Where the pages lie that an alert names. */
const RUNBOOKS = 'docs/runbooks';

/** What Prometheus evaluates: the shares of the promises, how fast their budgets burn, and causes. */
export function rulesFile(): string {
  const groups = [
    ...slos.map((slo) => ({ name: `slo-${slo.name}`, interval: '30s', rules: sloRules(slo) })),
    {
      name: 'causes',
      interval: '15s',
      rules: alerts.map(({ name, expr, for: length, severity, summary, runbook }) => ({
        alert: name,
        expr,
        for: length,
        labels: { severity },
        annotations: { summary, runbook: `${RUNBOOKS}/${runbook}.md` },
      })),
    },
  ];
  return `# Written by infra/monitoring/src/rules.ts; change that instead.\n${stringify({ groups }, { lineWidth: 0 })}`;
}

function sloRules(slo: Slo): unknown[] {
  const budget = 1 - slo.objective;
  const annotations = { runbook: `${RUNBOOKS}/${slo.runbook}.md` };
  return [
    ...windows.flatMap((window) => [
      { record: recordOf(slo, window), expr: slo.badShare(window) },
      { record: rateRecordOf(slo, window), expr: slo.rate(window) },
    ]),
    ...burnRates.map(({ severity, factor, long, short, for: length }) => {
      const limit = Number((factor * budget).toPrecision(6));
      return {
        alert: alertName(slo, long),
        // Both windows: it has burnt for a while, and it still does. And there is traffic, so that one failure at night is none.
        expr: `${recordOf(slo, long)} > ${limit} and ${recordOf(slo, short)} > ${limit} and ${rateRecordOf(slo, long)} > 1`,
        for: length,
        labels: { severity, slo: slo.name },
        annotations: {
          summary: `Promised: ${slo.promise} (${slo.objective * 100} %). Over ${long} {{ $value | humanizePercentage }} did not.`,
          ...annotations,
        },
      };
    }),
    {
      alert: `${pascal(slo.name)}Unknown`,
      expr: `absent(${rateRecordOf(slo, '5m')}) and on() up{job="andvari"}`,
      for: '15m',
      labels: { severity: 'ticket', slo: slo.name },
      annotations: { summary: `Nothing is measured of: ${slo.promise}.`, ...annotations },
    },
  ];
}

export function alertName(slo: Slo, long: string): string {
  return `${pascal(slo.name)}Burning${long}`;
}

function pascal(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
