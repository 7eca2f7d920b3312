// What the compiled monitor may do, read off its text: which fields of the CPU block each exported function and all that it
// calls load and store. Fields are identified by the constant offset of an access, so only those beyond what guest memory and
// general registers are accessed with.

import { disassembled } from '../../wasm/testing/disassembled.ts';

export interface Reach {
  /** Constant offsets of all accesses. */
  loads: Set<number>;
  stores: Set<number>;
  /** Names of imported functions. */
  imports: Set<string>;
}

interface Code extends Reach {
  calls: Set<string>;
}

/** By the names of exports. */
export function reachOfExports(module: Uint8Array<ArrayBuffer>): Map<string, Reach> {
  const exported = new Map<string, string>();
  const functions = new Map<string, Code>();
  let current: Code | undefined;
  for (const line of disassembled(module).lines) {
    const [, alias, target] = /^ *\(export "([^"]*)" \(func (\$\S+)\)\)/.exec(line) ?? [];
    if (alias !== undefined) exported.set(alias, target);
    const [, name] = /^ *\(func (\$\S+)/.exec(line) ?? [];
    if (name !== undefined) {
      current = { loads: new Set(), stores: new Set(), imports: new Set(), calls: new Set() };
      functions.set(name, current);
      const [, imported] = /\(import "[^"]*" "([^"]*)"\)/.exec(line) ?? [];
      if (imported !== undefined) current.imports.add(imported);
      continue;
    }
    const [, callee] = /^ *(?:return_)?call (\$\S+)/.exec(line) ?? [];
    if (callee !== undefined) current?.calls.add(callee);
    const [, kind, offset = '0'] = /^ *[iv]\d+\.(?:atomic\.)?(load|store)\S*(?: offset=(\d+))?/.exec(line) ?? [];
    if (kind !== undefined) current?.[kind === 'load' ? 'loads' : 'stores'].add(Number(offset));
  }
  return new Map([...exported].map(([name, start]) => [name, reachOf(functions, start)]));
}

function reachOf(functions: ReadonlyMap<string, Code>, start: string): Reach {
  const reach: Reach = { loads: new Set(), stores: new Set(), imports: new Set() };
  const seen = new Set([start]);
  for (const name of seen) {
    const code = functions.get(name);
    if (!code) throw new Error(`the monitor calls ${name}, which is not in its text`);
    for (const kind of ['loads', 'stores'] as const) for (const offset of code[kind]) reach[kind].add(offset);
    for (const imported of code.imports) reach.imports.add(imported);
    for (const callee of code.calls) seen.add(callee);
  }
  return reach;
}
