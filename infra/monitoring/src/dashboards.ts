import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { boards } from './boards.ts';
import type { Board, Panel } from './panels.ts';

const RUNBOOKS = 'docs/runbooks';
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Every board as Grafana wants it. What is on them stands in boards.ts; how they look stands here, once. */
export function dashboards(): Dashboard[] {
  return boards.map(dashboardOf);
}

function dashboardOf(board: Board): Dashboard {
  const builder = new DashboardBuilder(`Andvari: ${board.title}`)
    .uid(`andvari-${board.uid}`)
    .description(board.description)
    .tags(['andvari'])
    .readonly()
    .timezone('browser')
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(new DashboardLinkBuilder('Andvari').type(DashboardLinkType.Dashboards).tags(['andvari']).asDropdown(true))
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const row of board.rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel.kind === 'stat' ? stat(panel) : timeseries(panel));
  }
  return builder.build();
}

function timeseries(panel: Panel): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .title(panel.title)
    .description(descriptionOf(panel))
    .datasource(datasource)
    .unit(panel.unit)
    .height(8)
    .span(panel.width ?? 8)
    .lineWidth(1)
    .fillOpacity(8)
    .min(panel.min ?? 0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (panel.limit !== undefined) builder.thresholds(limits(panel.limit));
  for (const query of queries(panel)) builder.withTarget(query);
  return builder;
}

function stat(panel: Panel): StatBuilder {
  const builder = new StatBuilder()
    .title(panel.title)
    .description(descriptionOf(panel))
    .datasource(datasource)
    .unit(panel.unit)
    .height(4)
    .span(panel.width ?? 4);
  builder.thresholds(limits(panel.limit ?? 1));
  for (const query of queries(panel)) builder.withTarget(query);
  return builder;
}

function limits(limit: number): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: 'green' },
    { value: limit, color: 'red' },
  ]);
}

function queries(panel: Panel): DataqueryBuilder[] {
  return panel.queries.map(({ expr, legend }, at) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode(65 + at))
      .expr(expr)
      .legendFormat(legend)
      .datasource(datasource),
  );
}

function descriptionOf({ description, runbook }: Panel): string {
  return `${description}\n\n[Runbook: ${runbook}](${RUNBOOKS}/${runbook}.md)`;
}
