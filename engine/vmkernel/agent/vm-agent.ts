// A VM's connection to its guest's agent: which port it has, and what the host asks of it.

import type { Timebase } from '../../base/timebase.ts';
import { AGENT_CHANNEL, agentPort, type MachineSpec } from '../spec/machine-spec.ts';
import { AgentError, type AgentStatus, GuestAgent } from './guest-agent.ts';

export interface TerminalSize {
  rows: number;
  columns: number;
}

/** A program to be run in the guest. */
export interface GuestCommand {
  path: string;
  arguments?: readonly string[];
  /** How long it may take, ms; 60 s if left out. */
  limitMs?: number;
}

export interface GuestCommandResult {
  /** Undefined: a signal ended it. */
  exitCode?: number;
  output: string;
  errors: string;
}

export interface VmAgentPorts {
  vmName: string;
  machine: MachineSpec;
  timebase: Timebase;
  /** Resolves with how many bytes of them the port had room for. Rejects when the VM is off. */
  send(bytes: Uint8Array, port: number): Promise<number>;
  onChange(): void;
}

const COMMAND_LIMIT_MS = 60_000;
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1000;

export class VmAgent {
  readonly #ports: VmAgentPorts;
  readonly #agent: GuestAgent | undefined;
  #size: TerminalSize | undefined;
  #running = false;

  constructor(ports: VmAgentPorts) {
    this.#ports = ports;
    const port = agentPort(ports.machine);
    if (port === undefined) return;
    this.#agent = new GuestAgent({
      vmName: ports.vmName,
      timebase: ports.timebase,
      wallClock: () => ports.timebase.now(),
      send: (bytes) => ports.send(bytes, port),
      onChange: () => this.#changed(),
    });
  }

  get status(): AgentStatus {
    return this.#agent?.status ?? { state: 'absent' };
  }

  /** The guest has opened or closed what is behind a channel. */
  opened(channel: string, open: boolean): void {
    if (channel === AGENT_CHANNEL) this.#agent?.opened(open);
  }

  /** True: it was the agent's. */
  output(channel: string, bytes: Uint8Array): boolean {
    if (channel !== AGENT_CHANNEL) return false;
    this.#agent?.output(bytes);
    return true;
  }

  /** A port that was full has room again. */
  room(): void {
    this.#agent?.room();
  }

  /** The VM is off, or starts anew. */
  ended(): void {
    if (this.status.state !== 'off') this.#agent?.opened(false);
  }

  /** The size of the terminal that shows it; the agent of our Linux guest sets it. */
  setTerminalSize(size: TerminalSize): void {
    this.#size = size;
    this.#tellSize();
  }

  /** Rejects with AgentError. */
  async shutDown(): Promise<void> {
    await this.#required.shutDown();
  }

  /** The guest's file systems take no writes until they are thawed. Resolves with how many. Rejects with AgentError. */
  freeze(): Promise<number> {
    return this.#required.freeze();
  }

  thaw(): Promise<number> {
    return this.#required.thaw();
  }

  /** Runs a program in the guest to its end. Rejects with AgentError, also when it takes too long; it runs on then. */
  async run({ path, arguments: given = [], limitMs = COMMAND_LIMIT_MS }: GuestCommand): Promise<GuestCommandResult> {
    const agent = this.#required;
    const { timebase, vmName } = this.#ports;
    const end = timebase.now() + limitMs;
    const started = await agent.execute('guest-exec', { path, arg: given, 'capture-output': true });
    const { pid } = (started ?? {}) as { pid?: unknown };
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(2 * wait, LONGEST_LOOK_MS)) {
      const status = ((await agent.execute('guest-exec-status', { pid })) ?? {}) as Record<string, unknown>;
      if (status.exited === true) return resultOf(status);
      if (timebase.now() >= end) throw new AgentError(`${path} in ${vmName} has not ended within ${limitMs / 1000} s.`);
      await new Promise<void>((resolve) => timebase.after(wait, resolve));
    }
  }

  get #required(): GuestAgent {
    if (!this.#agent) throw new AgentError(`${this.#ports.vmName} has no port for a guest agent.`);
    return this.#agent;
  }

  #changed(): void {
    const running = this.status.state === 'running';
    if (running && !this.#running) this.#tellSize();
    this.#running = running;
    this.#ports.onChange();
  }

  /** Other agents do not know the command: then the guest's own means hold. */
  #tellSize(): void {
    if (!this.#size || this.status.state !== 'running') return;
    void this.#required.execute('tabvisor-set-terminal-size', { ...this.#size }).catch(() => {});
  }
}

function resultOf(status: Record<string, unknown>): GuestCommandResult {
  const { exitcode, 'out-data': output, 'err-data': errors } = status;
  return {
    ...(typeof exitcode === 'number' && { exitCode: exitcode }),
    output: decoded(output),
    errors: decoded(errors),
  };
}

function decoded(base64: unknown): string {
  if (typeof base64 !== 'string') return '';
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch {
    throw new AgentError('The guest agent sent output that cannot be read.');
  }
}
