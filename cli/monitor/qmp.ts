// QEMU's machine protocol on one connection ("QEMU Machine Protocol Specification"): a greeting, the negotiation of capabilities, then commands, each
// answered in its turn, and events in between. Objects are one a line.

import { JsonStream } from './json-stream.ts';
import { MonitorPointer } from './keys.ts';
import type { Machine, MachineEvent } from './machine.ts';
import { CAPABILITIES, QmpError, qmpCommand, VERSION_INFO } from './qmp-commands.ts';
import { qmpEvent } from './qmp-events.ts';

export class QmpSession {
  readonly #machine: Machine;
  readonly #write: (text: string) => void;
  readonly #pointer = new MonitorPointer();
  readonly #stream = new JsonStream();
  readonly #unsubscribe: () => void;
  #negotiated = false;
  #work: Promise<void> = Promise.resolve();

  constructor(machine: Machine, write: (text: string) => void) {
    this.#machine = machine;
    this.#write = write;
    this.#unsubscribe = machine.onEvent((event) => this.#event(event));
  }

  start(): void {
    this.#send({ QMP: { version: VERSION_INFO, capabilities: [] } });
  }

  input(bytes: Uint8Array): void {
    for (const text of this.#stream.feed(bytes)) this.#work = this.#work.then(() => this.#answer(text));
  }

  /** Resolves when all commands so far are answered. */
  settled(): Promise<void> {
    return this.#work;
  }

  close(): void {
    this.#unsubscribe();
  }

  async #answer(text: string): Promise<void> {
    let id: unknown;
    try {
      const command = parsed(text);
      id = command.id;
      const result = await this.#execute(command);
      this.#send({ return: result, ...(id !== undefined && { id }) });
    } catch (error) {
      const { message } = error as Error;
      const errorClass = error instanceof QmpError ? error.errorClass : 'GenericError';
      this.#send({ error: { class: errorClass, desc: message }, ...(id !== undefined && { id }) });
    }
  }

  async #execute({ execute, arguments: given = {} }: Command): Promise<unknown> {
    if (execute === CAPABILITIES) {
      if (this.#negotiated) throw notFound('Capabilities negotiation is already complete, command ignored');
      const { enable = [] } = given;
      if (!Array.isArray(enable) || enable.length > 0)
        throw new QmpError('GenericError', `Capability ${enable} not available`);
      this.#negotiated = true;
      return {};
    }
    if (!this.#negotiated) throw notFound(`Expecting capabilities negotiation with '${CAPABILITIES}'`);
    return qmpCommand(execute, given, { machine: this.#machine, pointer: this.#pointer });
  }

  #event(event: MachineEvent): void {
    const named = qmpEvent(event);
    if (!named || !this.#negotiated) return;
    const now = Date.now();
    const timestamp = { seconds: Math.floor(now / 1000), microseconds: (now % 1000) * 1000 };
    this.#send({ timestamp, ...named });
  }

  #send(object: unknown): void {
    this.#write(`${JSON.stringify(object)}\r\n`);
  }
}

interface Command {
  execute: string;
  arguments?: Record<string, unknown>;
  id?: unknown;
}

const MEMBERS = ['execute', 'arguments', 'id'];

/** Throws QmpError. */
function parsed(text: string): Command {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new QmpError('GenericError', 'JSON parse error, invalid input');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new QmpError('GenericError', 'QMP input must be a JSON object');
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new QmpError('GenericError', `QMP input member '${unknown}' is unexpected`);
  const { execute, arguments: given, id } = value as Record<string, unknown>;
  if (typeof execute !== 'string') throw new QmpError('GenericError', "QMP input lacks member 'execute'");
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given)))
    throw new QmpError('GenericError', "QMP input member 'arguments' must be an object");
  return { execute, ...(given !== undefined && { arguments: given as Record<string, unknown> }), id };
}

function notFound(message: string): QmpError {
  return new QmpError('CommandNotFound', message);
}
