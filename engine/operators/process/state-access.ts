// From a descriptor to a handle: what `ctx.state` does. Functions may ask per record, so handles are kept
// by name.

import type { AnyDescriptor, StateAccess } from '../../state/descriptors.ts';
import type { KeyedStateBackend } from '../../state/keyed-state.ts';

/** `prefix` keeps states of users apart from those of the operator that runs their function. */
export function stateAccess(backend: KeyedStateBackend, prefix = ''): StateAccess['state'] {
  const handles = new Map<string, { readonly kind: string; readonly handle: unknown }>();
  const resolve = (descriptor: AnyDescriptor): unknown => {
    const known = handles.get(descriptor.name);
    if (known !== undefined && known.kind === descriptor.kind) return known.handle;
    const handle = openState(backend, { ...descriptor, name: prefix + descriptor.name });
    handles.set(descriptor.name, { kind: descriptor.kind, handle });
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
