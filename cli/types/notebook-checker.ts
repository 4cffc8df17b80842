// TypeScript over one notebook and the files beside it that it imports: a ts-node service, with the program
// that it makes. ts-node remembers every file and every failed lookup for good; so files beside are handed to
// it anew, and when something else has changed (a tsconfig.json, a module that is there now), `isCurrent` says
// no and its owner makes another.

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Service, TSError } from 'ts-node';
import type { Diagnostic, Program } from 'typescript';
import { must } from '../../engine/core/assert.ts';
import { findingsOf, findingsOfConfiguration } from './findings.ts';
import { sluiceTypesFolder, typescript as ts } from './installation.ts';
import { createChecker } from './notebook-options.ts';
import type { Finding } from './type-messages.ts';

export class NotebookChecker {
  readonly path: string;
  readonly #setUp: SetUp;
  /** Files of the user's that the notebook imports, themselves or through others. */
  #besides: readonly string[] = [];
  #missing: readonly MissingModule[] = [];

  /** @param path Of the notebook, absolute; there need be no such file. */
  constructor(path: string) {
    this.path = path;
    this.#setUp = setUp(path);
  }

  /** False once the folder would answer otherwise than it did. */
  isCurrent(): boolean {
    return (
      [...this.#setUp.inputs].every(([file, stamp]) => stampOf(file) === stamp) &&
      this.#besides.every((file) => stampOf(file) !== ABSENT) &&
      !this.#missing.some((module) => this.#isThere(module))
    );
  }

  /** What is wrong with the notebook, if its text is this, and with the files beside it. */
  check(text: string): readonly Finding[] {
    const { service, problems } = this.#setUp;
    for (const { file, code } of withText(this.#besides)) service.getTypeInfo(code, file, 0);
    const own = this.#diagnose(text, this.path);
    const program = must(this.#setUp.program, 'the program that ts-node has compiled');
    this.#besides = filesBeside(program, this.path);
    const others = withText(this.#besides).flatMap(({ file, code }) => this.#diagnose(code, file));
    const all = [...own, ...others].slice(0, DIAGNOSTICS_MAX);
    this.#missing = all.flatMap(missingModule);
    const file = must(program.getSourceFile(this.path), this.path);
    return [...problems, ...findingsOf(file, all, program)];
  }

  /** As an editor shows it; undefined where there is nothing with a type. Lines and columns count from 1. */
  typeAt(text: string, line: number, column: number): string | undefined {
    const before = text.split('\n').slice(0, line - 1);
    const offset = before.reduce((sum, { length }) => sum + length + 1, column - 1);
    return this.#setUp.service.getTypeInfo(text, this.path, offset).name || undefined;
  }

  #diagnose(code: string, file: string): readonly Diagnostic[] {
    try {
      this.#setUp.service.compile(code, file);
      return [];
    } catch (error) {
      if (error instanceof TSError) return error.diagnostics;
      throw error;
    }
  }

  #isThere({ specifier, from }: MissingModule): boolean {
    const { options } = this.#setUp.service.config;
    return ts.resolveModuleName(specifier, from, options, ts.sys).resolvedModule !== undefined;
  }
}

interface SetUp {
  readonly service: Service;
  /** Of each file that the configuration was made of, or would be if it were there: what it was. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What is wrong with the configuration. */
  readonly problems: readonly Finding[];
  /** Of the last check. */
  program?: Program;
}

function setUp(path: string): SetUp {
  const inputs = new Map<string, string>();
  let made: SetUp | undefined;
  // Until the service stands, what is read is configuration.
  const noted = <T>(file: string, answer: T): T => {
    if (made === undefined) inputs.set(file, stampOf(file));
    return answer;
  };
  const hooks = {
    fileExists: (file: string) => noted(file, ts.sys.fileExists(file)),
    readFile: (file: string) => noted(file, ts.sys.readFile(file)),
    transformers(program: Program) {
      must(made, 'a service that compiles').program = program;
      return {};
    },
  };
  try {
    made = { service: createChecker(path, hooks), inputs, problems: [] };
  } catch (error) {
    if (!(error instanceof TSError)) throw error;
    const service = createChecker(path, { ...hooks, skipProject: true });
    const file = ts.findConfigFile(dirname(path), ts.sys.fileExists) ?? path;
    made = { service, inputs, problems: findingsOfConfiguration(file, error.diagnostics) };
  }
  return made;
}

function filesBeside(program: Program, notebook: string): readonly string[] {
  return program
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file))
    .map(({ fileName }) => fileName)
    .filter((file) => /\.[cm]?tsx?$/.test(file) && file !== notebook)
    .filter((file) => !file.startsWith(sluiceTypesFolder()) && !file.includes('/node_modules/'))
    .slice(0, BESIDES_MAX);
}

/** Nobody reads more; and what is no TypeScript at all can have one for each word. */
const DIAGNOSTICS_MAX = 500;

/** A notebook that imports more is part of a project with a checker of its own. */
const BESIDES_MAX = 100;

/** But those that are being replaced just now. */
const withText = (files: readonly string[]) =>
  files.flatMap((file) => {
    const code = ts.sys.readFile(file);
    return code === undefined ? [] : [{ file, code }];
  });

interface MissingModule {
  readonly specifier: string;
  readonly from: string;
}

const CANNOT_FIND_MODULE = new Set([2307, 2792, 2882]);

function missingModule({
  code,
  file,
  start = 0,
  length = 0,
}: Diagnostic): readonly MissingModule[] {
  if (file === undefined || !CANNOT_FIND_MODULE.has(code)) return [];
  return [{ specifier: file.text.slice(start + 1, start + length - 1), from: file.fileName }];
}

const ABSENT = 'absent';

function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? ABSENT : `${stats.mtimeMs} ${stats.size}`;
}
