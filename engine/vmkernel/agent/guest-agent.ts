// The host's end of QEMU's guest agent (docs/interop/qemu-ga-ref), over the byte stream of a virtio-serial port. The agent answers
// one command at a time, in order.
//
// What comes from the guest is not trusted: every wait has a limit, an answer out of turn or unreadable costs the connection its
// synchronisation and nothing else, and text is cut before it is shown. While it is not synchronised, every command is refused;
// it is tried again as long as the guest has the port open.

import { fields } from '../../base/decode.ts';
import type { Timebase } from '../../base/timebase.ts';
import { type Reply, ReplyReader } from './reply-reader.ts';

/**
 * `absent`: the VM has no port for it. `off`: no program in the guest has opened it. `starting`: it is being spoken to. `running`: it has answered.
 * `silent`: it has not, or nonsense.
 */
export type AgentState = 'absent' | 'off' | 'starting' | 'running' | 'silent';

export interface AgentAddress {
  interface: string;
  address: string;
}

/** What the guest says of itself. Plain data; whatever is missing it has not said. */
export interface AgentStatus {
  state: AgentState;
  version?: string;
  hostName?: string;
  /** As the system calls itself. */
  os?: string;
  kernel?: string;
  /** Those of loopback and of links alone are left out. */
  addresses?: AgentAddress[];
  /** Of the guest's time of day against the host's, ms: positive is ahead. */
  clockOffsetMs?: number;
  /** Its file systems are frozen for a snapshot. */
  frozen?: boolean;
}

/** The agent cannot do it, or has not. The message is user-facing. */
export class AgentError extends Error {
  override name = 'AgentError';
}

export interface AgentPorts {
  /** The VM's name, for messages. */
  vmName: string;
  timebase: Timebase;
  /** ms since 1970, UTC. */
  wallClock(): number;
  /** Resolves with how many bytes there was room for; `room` follows when it was not all. */
  send(bytes: Uint8Array): Promise<number>;
  /** The status is another one. */
  onChange(): void;
}

/** A command is to be answered within this, ms; freezing may take longer. */
const ANSWER_LIMIT_MS = 5_000;
export const FREEZE_LIMIT_MS = 60_000;
/** An agent that is silent is spoken to again after, ms. */
const RETRY_MS = 10_000;
/** What changes without notice is asked for again after, ms. */
const REFRESH_MS = 30_000;
/** For the guest to take the bytes of a command, ms. */
const SEND_LIMIT_MS = 5_000;
const LONGEST_TEXT = 200;
const MOST_ADDRESSES = 32;
const DELIMITER = 0xff;

interface Pending {
  /** What else arrives is skipped: the answer to a synchronisation may come after those to earlier commands. */
  lenient: boolean;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class GuestAgent {
  readonly #ports: AgentPorts;
  readonly #reader = new ReplyReader((reply) => this.#answered(reply));
  #status: AgentStatus = { state: 'off' };
  #pending: Pending | undefined;
  /** Commands are sent one after another. */
  #queue: Promise<unknown> = Promise.resolve();
  #cancelTimer = () => {};
  #roomWanted = () => {};
  /** Counts openings: what belongs to an earlier one is dropped. */
  #session = 0;
  #syncs = 0;

  constructor(ports: AgentPorts) {
    this.#ports = ports;
  }

  get status(): AgentStatus {
    return this.#status;
  }

  /** The guest has opened or closed the port, or the VM is off. */
  opened(open: boolean): void {
    this.#end(`the guest has closed the connection to its agent`);
    this.#set({ state: open ? 'starting' : 'off' });
    if (open) void this.#greet(this.#session);
  }

  output(bytes: Uint8Array): void {
    this.#reader.take(bytes);
  }

  /** The port has room again. */
  room(): void {
    this.#roomWanted();
  }

  /**
   * What the agent returns to a command. Rejects with AgentError: when it does not run, says no, or has not answered within
   * `limitMs`.
   */
  async execute(
    command: string,
    given: Readonly<Record<string, unknown>> = {},
    limitMs = ANSWER_LIMIT_MS,
  ): Promise<unknown> {
    if (this.#status.state !== 'running')
      throw new AgentError(`The guest agent of ${this.#ports.vmName} is not running.`);
    return this.#inTurn(this.#session, () => this.#ask(command, given, limitMs));
  }

  /** File systems take no writes until they are thawed. Resolves with how many. */
  async freeze(): Promise<number> {
    const count = await this.execute('guest-fsfreeze-freeze', {}, FREEZE_LIMIT_MS);
    this.#set({ ...this.#status, frozen: true });
    return Number(count);
  }

  async thaw(): Promise<number> {
    const count = await this.execute('guest-fsfreeze-thaw', {}, FREEZE_LIMIT_MS);
    this.#set({ ...this.#status, frozen: false });
    return Number(count);
  }

  /** The guest's own shutdown begins. The agent does not answer when it has succeeded (guest-shutdown). */
  async shutDown(mode: 'powerdown' | 'reboot' | 'halt' = 'powerdown'): Promise<void> {
    if (this.#status.state !== 'running')
      throw new AgentError(`The guest agent of ${this.#ports.vmName} is not running.`);
    await this.#inTurn(this.#session, () => this.#send(encode('guest-shutdown', { mode })));
  }

  // ---- Conversation

  /** Until it is synchronised and has said what it is; again and again while the port stays open. */
  async #greet(session: number): Promise<void> {
    try {
      await this.#inTurn(session, () => this.#synchronise());
      if (session !== this.#session) return;
      this.#set({ ...this.#status, state: 'running' });
      await this.#look(session);
    } catch {
      if (session !== this.#session) return;
      this.#set({ state: 'silent' });
      this.#later(RETRY_MS, () => this.#greet(session));
    }
  }

  async #synchronise(): Promise<void> {
    this.#syncs += 1;
    const id = this.#syncs;
    const line = encode('guest-sync-delimited', { id });
    const bytes = new Uint8Array(line.length + 1);
    // Ends what an agent may have had of an earlier command.
    bytes[0] = DELIMITER;
    bytes.set(line, 1);
    const answer = this.#answer(ANSWER_LIMIT_MS, (value) => value === id);
    answer.catch(() => {});
    await this.#send(bytes);
    await answer;
  }

  /** Asks for what is shown. What an agent does not know stays unsaid. */
  async #look(session: number): Promise<void> {
    const ask = async (command: string) => {
      try {
        return await this.execute(command);
      } catch (error) {
        if (this.#status.state !== 'running') throw error;
        return undefined;
      }
    };
    const status: AgentStatus = { ...this.#status };
    status.version ??= textOf(await ask('guest-info'), 'version');
    status.hostName = textOf(await ask('guest-get-host-name'), 'host-name');
    const os = await ask('guest-get-osinfo');
    status.os = textOf(os, 'pretty-name') ?? textOf(os, 'name');
    status.kernel = textOf(os, 'kernel-release');
    status.addresses = addressesOf(await ask('guest-network-get-interfaces'));
    const before = this.#ports.wallClock();
    const time = await ask('guest-get-time');
    if (typeof time === 'number' && Number.isFinite(time))
      status.clockOffsetMs = Math.round(time / 1e6 - (before + this.#ports.wallClock()) / 2);
    const frozen = await ask('guest-fsfreeze-status');
    status.frozen = frozen === 'frozen';
    if (session !== this.#session) return;
    this.#set(status);
    this.#later(REFRESH_MS, () => this.#look(session).catch(() => {}));
  }

  async #ask(command: string, given: Readonly<Record<string, unknown>>, limitMs: number): Promise<unknown> {
    const answer = this.#answer(limitMs);
    // Its failure is that of what follows.
    answer.catch(() => {});
    await this.#send(encode(command, given));
    return answer;
  }

  /** The next answer; the one that `accepts` it, if that is given, and others are skipped. A missing one costs the synchronisation. */
  #answer(limitMs: number, accepts?: (value: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.#ports.timebase.after(limitMs, () =>
        this.#lose(`The guest agent of ${this.#ports.vmName} has not answered within ${limitMs / 1000} s.`),
      );
      this.#pending = {
        lenient: accepts !== undefined,
        resolve: (value) => {
          if (accepts?.(value) === false) return;
          this.#pending = undefined;
          cancel();
          resolve(value);
        },
        reject: (error) => {
          this.#pending = undefined;
          cancel();
          reject(error);
        },
      };
    });
  }

  #answered(reply: Reply | undefined): void {
    const pending = this.#pending;
    // Nobody asked: an answer that came too late, or an agent that talks by itself.
    if (!pending) return;
    if (reply && Object.hasOwn(reply, 'return')) pending.resolve(reply.return);
    else if (pending.lenient) return;
    else if (reply && Object.hasOwn(reply, 'error'))
      pending.reject(new AgentError(`The guest agent of ${this.#ports.vmName} says: ${errorText(reply.error)}`));
    else this.#lose(`The guest agent of ${this.#ports.vmName} sent something that is no answer.`);
  }

  /** It is not known any more which answer belongs to what: it has to be synchronised again. */
  #lose(reason: string): void {
    const session = this.#session;
    this.#pending?.reject(new AgentError(reason));
    if (this.#status.state !== 'running') return;
    this.#set({ state: 'silent' });
    this.#later(RETRY_MS, () => this.#greet(session));
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length; ) {
      const room = this.#roomFollows();
      const taken = await this.#ports.send(bytes.subarray(sent));
      sent += taken;
      if (sent < bytes.length) await room;
      else this.#roomWanted();
    }
  }

  #roomFollows(): Promise<void> {
    const room = new Promise<void>((resolve, reject) => {
      const cancel = this.#ports.timebase.after(SEND_LIMIT_MS, () =>
        reject(new AgentError(`The guest agent of ${this.#ports.vmName} does not read.`)),
      );
      this.#roomWanted = () => {
        cancel();
        resolve();
      };
    });
    room.catch(() => {});
    return room;
  }

  /** After what was begun before, unless the session is over by then. */
  #inTurn<T>(session: number, work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      if (session !== this.#session) throw new AgentError(`The guest agent of ${this.#ports.vmName} was restarted.`);
      return work();
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #later(ms: number, work: () => Promise<void>): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#ports.timebase.after(ms, () => void work());
  }

  #end(reason: string): void {
    this.#session += 1;
    this.#cancelTimer();
    this.#roomWanted();
    this.#pending?.reject(new AgentError(`${this.#ports.vmName}: ${reason}.`));
  }

  #set(status: AgentStatus): void {
    this.#status = status;
    this.#ports.onChange();
  }
}

function encode(command: string, given: Readonly<Record<string, unknown>>): Uint8Array {
  const request = Object.keys(given).length > 0 ? { execute: command, arguments: given } : { execute: command };
  return new TextEncoder().encode(`${JSON.stringify(request)}\n`);
}

/** For the user, whatever the guest has put there. */
function cleaned(value: string): string {
  return value.replace(/\p{C}/gu, '').slice(0, LONGEST_TEXT);
}

function textOf(value: unknown, field: string): string | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  return typeof found === 'string' && found !== '' ? cleaned(found) : undefined;
}

function errorText(error: unknown): string {
  return textOf(error, 'desc') ?? textOf(error, 'class') ?? 'it cannot do that';
}

/** Those by which it can be reached from elsewhere. */
function addressesOf(interfaces: unknown): AgentAddress[] | undefined {
  if (!Array.isArray(interfaces)) return undefined;
  const addresses = interfaces.slice(0, MOST_ADDRESSES).flatMap((entry) => {
    const name = textOf(entry, 'name') ?? '';
    const list = typeof entry === 'object' && entry !== null ? fields(entry)['ip-addresses'] : undefined;
    if (name === 'lo' || !Array.isArray(list)) return [];
    return list
      .slice(0, MOST_ADDRESSES)
      .map((each) => textOf(each, 'ip-address'))
      .filter((address): address is string => address !== undefined && !/^fe80:/i.test(address))
      .map((address) => ({ interface: name, address }));
  });
  return addresses.slice(0, MOST_ADDRESSES);
}
