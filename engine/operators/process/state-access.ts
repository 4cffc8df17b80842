// From a descriptor to a handle: what `ctx.state` does. Functions ask per record, and mostly with the same few
// descriptors: those are compared with, and else handles are found by name.

import type { AnyDescriptor, StateAccess } from '../../state/descriptors.ts';
import type { KeyedStateBackend } from '../../state/keyed-state.ts';

/** Descriptors that are compared with: 2 ns each, where finding a name takes 20. */
const RECENT_MAX = 8;

/** `prefix` keeps states of users apart from those of the operator that runs their function. */
export function stateAccess(backend: KeyedStateBackend, prefix = ''): StateAccess['state'] {
  const handles = new Map<string, { readonly kind: string; readonly handle: unknown }>();
  const recent: AnyDescriptor[] = [];
  const recentHandles: unknown[] = [];
  const byName = (descriptor: AnyDescriptor): unknown => {
    const known = handles.get(descriptor.name);
    if (known !== undefined && known.kind === descriptor.kind) return known.handle;
    const handle = openState(backend, { ...descriptor, name: prefix + descriptor.name });
    handles.set(descriptor.name, { kind: descriptor.kind, handle });
    return handle;
  };
  const resolve = (descriptor: AnyDescriptor): unknown => {
    for (let i = 0; i < recent.length; i++) if (recent[i] === descriptor) return recentHandles[i];
    const handle = byName(descriptor);
    if (recent.length < RECENT_MAX) {
      recent.push(descriptor);
      recentHandles.push(handle);
    }
    return handle;
  };
  // The overloads say which descriptor gives which handle; the switch below does it.
  return resolve as StateAccess['state'];
}

function openState(backend: KeyedStateBackend, descriptor: AnyDescriptor): unknown {
  switch (descriptor.kind) {
    case 'value':
      return backend.value(descriptor, descriptor.defaultValue);
    case 'list':
      return backend.list(descriptor);
    case 'map':
      return backend.map(descriptor);
    case 'reducing':
      return backend.reducing(descriptor, descriptor.reduce);
    case 'aggregating':
      return backend.aggregating(descriptor, descriptor.aggregator);
  }
}
