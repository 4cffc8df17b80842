// From a window's result to records: as it is, through `window(key, window, result)`, or through a
// ProcessWindowFunction with its context.

import type { StateAccess } from '../../state/descriptors.ts';
import type { KeyedStateBackend } from '../../state/keyed-state.ts';
import type { Copier } from '../../state/value-copier.ts';
import type { ElementOutput } from '../element-output.ts';
import type { ProcessWindowFunction, Window, WindowContext } from '../functions.ts';
import { FunctionContext, OpenFunctionContext } from '../process/function-context.ts';
import { stateAccess } from '../process/state-access.ts';
import { userObject } from '../process/user-object.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { type Scope, ScopedStates } from './scoped-states.ts';

export interface WindowEmitter {
  open?(): void;
  /** With the window's key as the current one. */
  emit(result: unknown, window: Window): void;
  /** The record that `emit` makes of a result, where that is all that it does. The key is not the current one. */
  readonly emits?: (key: unknown, window: Window, result: unknown) => unknown;
  clear(window: Window): void;
  snapshot?(checkpointId: number): void;
  onCheckpointComplete?(checkpointId: number): void;
  close?(): void;
}

/** What the emitters know of their operator. */
interface WindowSurroundings {
  readonly context: OperatorContext;
  readonly backend: KeyedStateBackend;
  readonly output: ElementOutput;
  readonly copier: Copier;
  /** False for windows over all elements: their functions get undefined for a key. */
  readonly isKeyed: boolean;
  /** Merging windows have no state of their own. */
  readonly isMerging: boolean;
  /** Elements come as a list, not as one result. */
  readonly isList: boolean;
}

type WindowFunction = (key: unknown, window: Window, result: unknown) => unknown;
type UserFunction = ProcessWindowFunction<unknown, unknown, unknown>;

export function createEmitter(surroundings: WindowSurroundings): WindowEmitter {
  const { context, output, backend, isKeyed } = surroundings;
  if (context.hasFunction('process')) return new ProcessEmitter(surroundings);
  if (!context.hasFunction('window')) {
    return {
      emit: (result) => output.collect(result),
      emits: (_key, _window, result) => result,
      clear: () => undefined,
    };
  }
  const apply = context.function('window') as unknown as WindowFunction;
  return {
    emit(result, window) {
      output.collect(apply(isKeyed ? backend.currentKey() : undefined, window, result));
    },
    emits: apply,
    clear: () => undefined,
  };
}

class ProcessEmitter implements WindowEmitter {
  readonly #surroundings: WindowSurroundings;
  readonly #function: UserFunction;
  readonly #context: ProcessWindowContext;

  constructor(surroundings: WindowSurroundings) {
    this.#surroundings = surroundings;
    this.#function = userObject<UserFunction>(surroundings.context, 'process', ['process']);
    this.#context = new ProcessWindowContext(surroundings);
  }

  open(): void {
    this.#function.open?.(new OpenFunctionContext(this.#surroundings.context));
  }

  emit(result: unknown, window: Window): void {
    const elements = this.#surroundings.isList ? (result as readonly unknown[]) : [result];
    this.#context.scope.namespace = window.end;
    this.#function.process(this.#key(), window, elements, this.#context, this.#surroundings.output);
  }

  clear(window: Window): void {
    this.#context.scope.namespace = window.end;
    this.#function.clear?.(this.#key(), window, this.#context);
  }

  snapshot(checkpointId: number): void {
    this.#function.snapshotState?.(checkpointId);
  }

  onCheckpointComplete(checkpointId: number): void {
    this.#function.notifyCheckpointComplete?.(checkpointId);
  }

  close(): void {
    this.#function.close?.();
  }

  #key(): unknown {
    return this.#surroundings.isKeyed ? this.#surroundings.backend.currentKey() : undefined;
  }
}

class ProcessWindowContext extends FunctionContext implements WindowContext {
  readonly scope: Scope = { namespace: 0 };
  readonly windowState: StateAccess['state'];
  readonly globalState: StateAccess['state'];

  constructor({ context, output, backend, copier, isMerging }: WindowSurroundings) {
    super(context, output);
    this.globalState = stateAccess(backend, 'global.');
    this.windowState = isMerging
      ? refuseWindowState(context.name)
      : new ScopedStates(backend, 'window.', this.scope, copier).state;
  }
}

function refuseWindowState(operatorName: string): StateAccess['state'] {
  return (): never => {
    throw new TypeError(
      `operator ${JSON.stringify(operatorName)}: windows that merge have no state of their own; use globalState`,
    );
  };
}
