// The panes of the layout, each with its content and the caption on its border, between header and key bar.

import type { ReactElement } from 'react';
import { captionRect, captionView } from '../chrome/frame.ts';
import { headerView } from '../chrome/header.ts';
import { keyBarView } from '../chrome/key-bar.ts';
import { statusLineView } from '../chrome/status-line.ts';
import type { Page } from '../commands.ts';
import { type Area, inner, type Layout, type PaneId } from '../layout.ts';
import { drawCaption, drawPane, paneInputs } from '../pane-views.ts';
import { type Context, currentJob, shownOutput } from '../state/selection.ts';
import type { Look } from '../text/look.ts';
import { HotPane, type HotPaneProps } from './HotPane.tsx';

export interface PanesProps {
  readonly layout: Layout;
  readonly page: Page;
  readonly columns: number;
  readonly rows: number;
}

export function Panes({ layout, page, columns, rows }: PanesProps): ReactElement {
  if (layout.kind === 'line') {
    return <HotPane id="status" rect={rowAt(0, columns)} {...STATUS} />;
  }
  return (
    <>
      <HotPane id="header" rect={rowAt(0, columns)} {...HEADER} />
      {layout.areas.map((area) => (
        <AreaPanes key={area.panes.join()} area={area} page={page} />
      ))}
      <HotPane id="keys" rect={rowAt(rows - 1, columns)} {...KEY_BAR} />
    </>
  );
}

function AreaPanes({ area, page }: { readonly area: Area; readonly page: Page }): ReactElement {
  const pane = area.active;
  return (
    <>
      <HotPane key={pane} id={`pane ${pane}`} rect={inner(area.rect)} {...CONTENTS[pane]} />
      <HotPane id={`caption ${pane}`} rect={captionRect(area, page)} {...CAPTIONS[pane]} />
    </>
  );
}

type HotView = Pick<HotPaneProps, 'inputs' | 'draw'>;

const ALL: readonly PaneId[] = [
  'cells',
  'jobs',
  'plan',
  'slots',
  'checkpoints',
  'output',
  'exceptions',
  'subtasks',
  'logs',
];

// Made once, so that a pane is registered anew only when its place changes.
const CONTENTS = byPane((pane) => ({
  inputs: (context, look) => paneInputs(pane, context, look),
  draw: (context, width, height, look) => drawPane(pane, context, width, height, look),
}));

const CAPTIONS = byPane((pane) => ({
  inputs: (context, look) => paneInputs(pane, context, look),
  draw: (context, width, _, look) => captionView(drawCaption(pane, context, look), width, look),
}));

const HEADER: HotView = {
  inputs: ({ ui, model, nowMs }, look) => [look, ui.page, ui.cell, ui.jobId, ui.job, model, nowMs],
  draw: (context, width, height, look) => headerView(headerInput(context), width, height, look),
};

const STATUS: HotView = {
  inputs: HEADER.inputs,
  draw: (context, width, height, look) => {
    const output = shownOutput(context);
    const input = { ...headerInput(context), rows: output.total - output.messages };
    return statusLineView(input, width, height, look);
  },
};

const KEY_BAR: HotView = {
  inputs: ({ ui, model, nowMs }, look) => [look, ui, model, Math.floor(nowMs / 1_000)],
  draw: (context: Context, width: number, height: number, look: Look) =>
    keyBarView(context, width, height, look),
};

function headerInput(context: Context): Parameters<typeof headerView>[0] {
  const { notebook, cluster, isEmbedded } = context.model;
  return {
    notebook,
    cluster,
    job: currentJob(context),
    isEmbedded,
    hasJobName: context.ui.page !== 'notebook',
    nowMs: context.nowMs,
  };
}

function byPane(make: (pane: PaneId) => HotView): Readonly<Record<PaneId, HotView>> {
  return Object.fromEntries(ALL.map((pane) => [pane, make(pane)])) as Record<PaneId, HotView>;
}

function rowAt(y: number, columns: number): HotPaneProps['rect'] {
  return { x: 0, y, width: columns, height: 1 };
}
