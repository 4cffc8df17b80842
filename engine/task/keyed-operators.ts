// Which operators keep state by key: their chain sets the current key before each element.

import type { StreamNode } from '../graph/stream-graph.ts';

export function isKeyedOperator({ kind, params }: StreamNode): boolean {
  switch (kind) {
    case 'keyed-process':
    case 'keyed-reduce':
    case 'keyed-fold':
    case 'keyed-co-process':
    case 'window-join':
    case 'interval-join':
      return true;
    case 'window':
    case 'broadcast-process':
      return (params as { readonly keyed?: boolean }).keyed === true;
    case 'source':
    case 'sink':
    case 'map':
    case 'filter':
    case 'flat-map':
    case 'timestamps':
    case 'replay':
    case 'process':
    case 'local-window':
    case 'co-map':
    case 'co-flat-map':
    case 'co-process':
      return false;
  }
}
