// Calls of the monitor within a region: what the function looks at is put into the CPU block before, and what it may have
// changed is taken from there after. Its record (abi/monitor-record.ts) says what that is.

import { KIND_CANONICAL } from '../abi/flag-kinds.ts';
import * as L from '../abi/layout.ts';
import { type AnyMonitorFunction, MONITOR_FUNCTIONS, may } from '../abi/monitor-functions.ts';
import { type FunctionIndices, hasResult, importedType } from '../emitter/monitor-imports.ts';
import type { Body } from '../wasm/body.ts';
import type { Value } from '../wasm/value.ts';
import type { AddressGroups } from './address-groups.ts';
import type { Flags } from './flag-state.ts';
import type { RegionExits } from './region-exits.ts';
import type { RegionRegisters } from './region-registers.ts';

interface Parts {
  functions: FunctionIndices;
  registers: RegionRegisters;
  flags: Flags;
  addresses: AddressGroups;
  exits: RegionExits;
  settleX87(): void;
}

export class RegionCalls {
  readonly #body: Body;
  readonly #cpu: Value;
  readonly #parts: Parts;
  /** Memory was written by the monitor: LEAVE is checked when the instruction has ended. */
  #leaveDue = false;

  constructor(body: Body, cpu: Value, parts: Parts) {
    this.#body = body;
    this.#cpu = cpu;
    this.#parts = parts;
  }

  statement(name: AnyMonitorFunction, operands: readonly Value[]): void {
    if (hasResult(name)) throw new Error(`${name} has a result`);
    this.#before(name);
    this.#body.callStatement(this.#parts.functions(name), this.#cpu, ...operands);
    this.#after(name);
  }

  /** Kept value. */
  value(name: AnyMonitorFunction, operands: readonly Value[]): Value {
    this.#before(name);
    const value = this.#body.keep(this.pure(name, operands));
    this.#after(name);
    return value;
  }

  pure(name: AnyMonitorFunction, operands: readonly Value[]): Value {
    return this.#body.call(this.#parts.functions(name), importedType(name), this.#cpu, ...operands);
  }

  /** The code of this region may have been written over, an interrupt be due...: go on outside, behind this instruction. */
  leaveIfAsked(): void {
    this.#leaveDue = false;
    this.#parts.exits.leaveBehindIf(this.#body.load(4, this.#cpu, L.LEAVE));
  }

  endInstruction(): void {
    if (this.#leaveDue) this.leaveIfAsked();
  }

  #before(name: AnyMonitorFunction): void {
    if (may(name, 'x87')) this.#parts.settleX87();
    if (may(name, 'registers')) this.#registersToBlock();
    else if (may(name, 'reads flags')) this.#flagsToBlock();
  }

  #after(name: AnyMonitorFunction): void {
    const { registers, flags, addresses, exits } = this.#parts;
    const body = this.#body;
    if (may(name, 'registers')) {
      registers.load();
      flags.load();
      exits.loadBudget();
    }
    if (may(name, 'faults')) body.unlikely(body.load(4, this.#cpu, L.FAULT), () => exits.cold(L.COLD_FAULT));
    if (may(name, 'maps') || may(name, 'stores')) addresses.forget();
    if (may(name, 'stores')) this.#leaveDue = true;
    for (const offset of MONITOR_FUNCTIONS[name].results)
      registers.write(offset, 4, body.keep(body.load(4, this.#cpu, offset)));
  }

  #flagsToBlock(): void {
    this.#parts.flags.makeCanonical();
    this.#parts.flags.store(this.#body.i32(KIND_CANONICAL));
  }

  #registersToBlock(): void {
    const { registers, flags, exits } = this.#parts;
    flags.makeCanonical();
    registers.store();
    flags.store(this.#body.i32(KIND_CANONICAL));
    this.#body.store(4, this.#cpu, exits.budget(), L.BUDGET);
  }
}
