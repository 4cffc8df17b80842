// Stacks of errors that come out of a bundle, in the user's own lines: `at late (flights.ts:12:8)`. Node maps
// no stack of a vm.Script, so this stands in `Error.prepareStackTrace`. A stack without a frame of a bundle
// is none of its business and goes to whoever was asked before.

import { fileURLToPath } from 'node:url';
import { isNativeError } from 'node:util/types';
import { type BundleScript, findScript, type SourcePlace } from './bundle-script.ts';

type PrepareStackTrace = (error: Error, sites: NodeJS.CallSite[]) => unknown;

let isInstalled = false;
const placeOfError = new WeakMap<object, SourcePlace>();

/** Once in each thread that evaluates bundles; again does nothing. */
export function mapStackTraces(): void {
  if (isInstalled) return;
  isInstalled = true;
  const before: PrepareStackTrace = Error.prepareStackTrace ?? unmapped;
  Error.prepareStackTrace = (error, sites) => {
    if (!sites.some((site) => scriptAt(site) !== undefined)) return before(error, sites);
    const frames = sites.map(frameOf);
    const place = notebookPlace(frames);
    if (place !== undefined) placeOfError.set(error, place);
    const lines = frames.flatMap((frame) => (frame.text === undefined ? [] : [frame.text]));
    return [headerOf(error), ...lines.map((line) => `    at ${line}`)].join('\n');
  };
}

/**
 * Where in the notebook an error arose: its innermost frame there, else the innermost in what it imports.
 * Undefined when no bundle threw it. Asking also fixes its stack, which V8 else writes when first read.
 */
export function placeOfThrown(thrown: unknown): SourcePlace | undefined {
  if (!isNativeError(thrown)) return undefined; // a proxy would be asked by instanceof, and may throw
  try {
    void thrown.stack;
  } catch {
    return undefined; // a getter of the user's: there is no stack to speak of
  }
  return placeOfError.get(thrown);
}

interface Frame {
  readonly script: BundleScript | undefined;
  readonly place: SourcePlace | undefined;
  /** Undefined when nobody wants to see it: glue of the bundle, or our own engine. */
  readonly text: string | undefined;
}

const scriptAt = (site: NodeJS.CallSite): BundleScript | undefined =>
  findScript(site.getFileName() ?? '');

function frameOf(site: NodeJS.CallSite): Frame {
  const file = site.getFileName() ?? '';
  const script = scriptAt(site);
  if (script === undefined) {
    return { script, place: undefined, text: isOwn(file) ? undefined : String(site) };
  }
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  const place = script.placeOf(line, column);
  if (place === undefined) return { script, place, text: undefined };
  const shown = `${place.file}:${place.line}:${place.column}`;
  const text = String(site).replace(`${file}:${line}:${column}`, shown);
  return { script, place, text: text.replace(NAMELESS, '$1') };
}

/**
 * A function without a name bears that of the operator that calls it, as its method, or one of the compiler's:
 * `MapOperator.<anonymous> (flights.ts:4:20)`.
 */
const NAMELESS = /[\w$.]*(?:<anonymous>|__sluice_\w+)(?: \[as [^\]]*\])? \((.*)\)$/;

const notebookPlace = (frames: readonly Frame[]): SourcePlace | undefined =>
  frames.find(({ script, place }) => place !== undefined && place.file === script?.bundle.source)
    ?.place ?? frames.find(({ place }) => place !== undefined)?.place;

/** Our own folder: the built one, or `engine/` where the sources run as they are. */
const OWN = import.meta.url.includes('/.dist/')
  ? new URL('.', import.meta.url)
  : new URL('..', import.meta.url);
const OWN_PATH = fileURLToPath(OWN);

const isOwn = (file: string): boolean => file.startsWith(OWN.href) || file.startsWith(OWN_PATH);

const unmapped: PrepareStackTrace = (error, sites) =>
  [headerOf(error), ...sites.map((site) => `    at ${String(site)}`)].join('\n');

function headerOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error'; // its name or message is a getter that throws
  }
}
