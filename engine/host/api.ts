// The control plane: what a console may ask of a host and what a host reports to a console. Plain structured-cloneable data and
// no callbacks, so that the same interface serves a host worker of this tab (Comlink over its port) and a host of another
// tab (Comlink over the subnet's BroadcastChannel).

import type { AgentStatus } from '../vmkernel/agent/guest-agent.ts';
import type { GuestCommand, GuestCommandResult } from '../vmkernel/agent/vm-agent.ts';
import type { DriveStatus } from '../vmkernel/block/vm-drives.ts';
import type {
  DriveSpec,
  ImageSource,
  MediumSource,
  MediumSpec,
  NicSpec,
  PowerState,
  Registers,
  VmCounters,
  VmOutline,
  VmOverhead,
  VmSpec,
} from '../vmkernel/spec/spec.ts';
import type { GuestCondition, GuestEvent } from '../vmkernel/vm/guest-event.ts';

export type {
  AgentStatus,
  DriveSpec,
  DriveStatus,
  GuestCommand,
  GuestCommandResult,
  GuestCondition,
  GuestEvent,
  ImageSource,
  MediumSource,
  MediumSpec,
  NicSpec,
  PowerState,
  Registers,
  VmCounters,
  VmOutline,
  VmOverhead,
  VmSpec,
};

import type { RegionCode, RegionReport } from '../cpu/regions/region-report.ts';
import type { MigrationStatistics } from '../migration/statistics.ts';
import type { SpeakerChange } from '../pc/bus/board.ts';
import type { InputEvent, InputState } from '../pc/bus/input.ts';
import type { LayoutName } from '../pc/input/keyboard-layouts.ts';
import type { CaptureLine } from '../subnet/capture/capture.ts';
import type { NetworkStatus } from '../subnet/host-network/host-network.ts';
import type { AddressPool } from '../subnet/responders/subnet-plan.ts';
import type { PortGroup } from '../subnet/switch/port-group.ts';
import type { ScreenUpdate } from '../vmkernel/screen/vm-screen.ts';
import type { SerialChunk } from '../vmkernel/vm/serial-history.ts';
import type { TerminalReply } from '../vmkernel/vm/serial-replies.ts';
import type { SpeakerChanges } from '../vmkernel/vm/vm-input.ts';
import type { AdmissionPurpose } from './admission.ts';

export type { ListedInstruction, RegionCode, RegionReport, RegionSummary } from '../cpu/regions/region-report.ts';
export type {
  DowntimeQuestion,
  MigrationRound,
  MigrationStage,
  MigrationStatistics,
} from '../migration/statistics.ts';
export type {
  AddressPool,
  CaptureLine,
  InputEvent,
  InputState,
  LayoutName,
  NetworkStatus,
  PortGroup,
  SerialChunk,
  SpeakerChange,
  SpeakerChanges,
  TerminalReply,
};

export interface LinkSettings {
  /** Mbit/s of the modelled uplink; 0 = as fast as the channel goes. */
  bandwidthMbits: number;
  /** One-way latency in ms. */
  latencyMs: number;
  /** Share of the guests' frames that get lost, 0..1; migrations lose nothing. */
  loss: number;
  /** Guests' frames arrive up to so many ms later than they should, in order. */
  jitterMs: number;
}

export interface HostSpec {
  /** Unique on the subnet. */
  id: string;
  name: string;
  memoryMiB: number;
  link: LinkSettings;
}

export interface HostInfo extends HostSpec {
  /** Which browser tab it lives in: equal for hosts of one tab. */
  tabId: string;
  startedAt: number;
}

export interface VmStatus {
  id: string;
  name: string;
  guestOs: string;
  hostId: string;
  memoryMiB: number;
  /** What of its memory the guest has written since power-on. */
  memoryActiveMiB: number;
  power: PowerState;
  nics: NicSpec[];
  /** By index. */
  drives?: DriveStatus[];
  /** All that it is, but for its images. */
  spec: VmOutline;
  counters: VmCounters;
  /** Of a VM that is off: the counters of its last run here, as it ended. */
  lastRun?: VmCounters;
  /** Cores that it used over the last second, 0..1 (engine/host/machine-load.ts has how this is reckoned). */
  cpu: number;
  /** What it waited for a core beside that, in cores. */
  cpuReady: number;
  /** Million instructions per second of the time that it was busy, when it last was. */
  mips: number;
  /** Share of these that ran in translated code, 0..1. */
  translated: number;
  crash?: { reason: string; registers: Registers };
  /** What a program in the guest tells. */
  agent: AgentStatus;
  /** Set while the guest will not go on by itself, though the VM is on. */
  guest?: GuestCondition;
  /** While it is on: LEDs, and which pointing device the guest listens to. */
  input?: InputState;
}

export interface HostStatus {
  info: HostInfo;
  vms: VmStatus[];
  /** Set aside for its powered-on VMs: their memory in full, and what they take beside it. */
  memoryUsedMiB: number;
  memoryFreeMiB: number;
  /** Cores that its VMs used, and that they waited for. */
  cpu: number;
  cpuReady: number;
  /** Of the computer: all its hosts share them. */
  cores: number;
  network: NetworkStatus;
}

export interface SerialInputOptions {
  /** In which terminal it was typed: that one answers the guest's questions from now on. */
  terminal?: string;
  /** It is meant for the machine as it is since this power-on or reset (SerialInputResult.run), else nothing is taken. */
  run?: number;
  /** What still waits is forgotten first. */
  discard?: boolean;
  /** Of the serial port, 0 to 3; COM1, which is 0, if left out. */
  port?: number;
}

export interface SerialInputResult {
  /** Bytes taken. */
  accepted: number;
  /** Counts power-ons and resets. */
  run: number;
}

export interface ReadScreenOptions {
  /** The console has nothing of it (any more). */
  fresh?: boolean;
  /** It is far away: the pages are to be compressed. */
  compress?: boolean;
  /** It is in the host's tab: the pages lie in memory that it shares with the host, and hold until its next call. */
  share?: boolean;
}

/** With `compressed`, `bytes` is a raw deflate stream. */
export type ScreenChunk = ScreenUpdate & { compressed?: true };

/** What a packet capture has seen since the caller asked last. */
export interface CaptureView {
  /** Frames captured so far, those that gave way to newer ones included. */
  captured: number;
  /** Frames that gave way. */
  dropped: number;
  /** Oldest first. */
  lines: CaptureLine[];
}

/** Which frames a capture takes: those of one VM's card, or everything on the subnet that this host hears. */
export interface CaptureScope {
  vmId?: string;
  /** Index of the VM's card; 0 if left out. */
  nic?: number;
}

export type HostEvent =
  | { type: 'status'; status: HostStatus }
  /**
   * To a console that had read all the output: there is more. Not sent again until it has read to the end again. `channel`:
   * of which output, if it is not COM1.
   */
  | { type: 'serial'; vmId: string; channel?: string }
  /**
   * To a console that has read the screen: there is more, or the VM was switched on or off, or has left. Not sent again until it has
   * read again.
   */
  | { type: 'screen'; vmId: string }
  /** To a console that has read all that the speaker did: there is more. Not sent again until it has read to the end again. */
  | { type: 'speaker'; vmId: string }
  /** To a console that has sent input: there is room for more. */
  | { type: 'serial-room'; vmId: string }
  | { type: 'migration'; statistics: MigrationStatistics }
  /** What a guest did by itself. */
  | { type: 'guest'; vmId: string; vmName: string; event: GuestEvent }
  /** `quiet`: for the record only; it requires no action by the user. */
  | { type: 'problem'; vmId?: string; title: string; detail: string; quiet?: boolean };

export interface MigrateOptions {
  /** ms the guest may stand still at most; a second if left out. */
  downtimeLimitMs?: number;
  /** If it cannot be done within the limit, wait for `agreeToDowntime` (statistics.question) instead of failing at once. */
  ask?: boolean;
}

/** Every method rejects with an Error whose message is user-facing. */
export interface HostApi {
  info(): Promise<HostInfo>;
  status(): Promise<HostStatus>;
  setLink(link: LinkSettings): Promise<void>;
  /** Creates the VM powered off. */
  createVm(spec: VmSpec): Promise<void>;
  deleteVm(vmId: string): Promise<void>;
  powerOn(vmId: string): Promise<void>;
  powerOff(vmId: string): Promise<void>;
  reset(vmId: string): Promise<void>;
  /** The VM stands still, and its time with it, until it is resumed; a paused VM does not migrate. */
  pause(vmId: string): Promise<void>;
  resume(vmId: string): Promise<void>;
  /** Of its CPU now. Rejects when the VM is off. */
  registers(vmId: string): Promise<Registers>;
  /** Asks the guest to shut down. Whether it does is its own decision: it may not listen. Rejects when the VM is not running. */
  pressPowerButton(vmId: string): Promise<void>;
  /** Has the guest shut itself down: by its agent if that runs, else by the power button. It need not obey. */
  shutDownGuest(vmId: string): Promise<void>;
  /**
   * What the VM has printed from `position` on, counted from its creation: at most `limit` bytes, 1 to 65,536. The last
   * 256 KiB are kept; the chunk begins later than asked if the rest is gone. Without a position, from the latest power-on.
   * `channel` names the output of another device than COM1, by its `chardev`; after a move to another host it begins at 0.
   */
  readSerial(vmId: string, position: number | undefined, limit: number, channel?: string): Promise<SerialChunk>;
  /** Takes as much as there is room for, of at most 65,536 bytes; a console is notified once there is room for more. */
  serialInput(vmId: string, bytes: Uint8Array<ArrayBuffer>, options?: SerialInputOptions): Promise<SerialInputResult>;
  /**
   * What the console has not had of the VM's screen: state, and pages of the video memory from which the picture is drawn
   * (pc/display/render.ts). Rejects if the machine has none.
   */
  readScreen(vmId: string, options?: ReadScreenOptions): Promise<ScreenChunk>;
  /** The console looks at it no more: it costs nothing from now on, and is read anew from the beginning. */
  closeScreen(vmId: string): Promise<void>;
  /** The size of the terminal that shows the VM, 1 to 999 each; a guest with an agent takes it over. */
  setTerminalSize(vmId: string, rows: number, columns: number): Promise<void>;
  /** Runs a program in the guest, by its agent, to its end. */
  runInGuest(vmId: string, command: GuestCommand): Promise<GuestCommandResult>;
  /** The guest's file systems take no writes until they are thawed. Resolves with how many. */
  freezeGuest(vmId: string): Promise<number>;
  thawGuest(vmId: string): Promise<number>;
  /** What the user does with keyboard and pointer, oldest first; at most 256 events. Keys are positions, not characters. */
  sendInput(vmId: string, events: readonly InputEvent[]): Promise<void>;
  /**
   * Types text of at most 4096 characters on the VM's keyboard, as one of that country, while the guest reads. False: nothing was taken,
   * what was to be typed before leaves no room yet (VmStatus.input.typing). Rejects naming characters that the layout lacks.
   */
  typeText(vmId: string, text: string, layout: LayoutName): Promise<boolean>;
  /** What has not been typed yet will not be. */
  stopTyping(vmId: string): Promise<void>;
  /** What the PC speaker has done from change `position` on; changes are numbered from the VM's arrival on the host. */
  readSpeaker(vmId: string, position: number): Promise<SpeakerChanges>;
  /** What a terminal answers by itself to a question in the output. Dropped if it is too late or another one answered. */
  serialReply(vmId: string, reply: TerminalReply): Promise<void>;
  /** Puts a medium into the drive of that index, in the place of what is there. Of disks only while the VM is off. */
  insertMedium(vmId: string, drive: number, medium: MediumSpec): Promise<void>;
  /**
   * Takes the medium out. False: the guest has locked the drive; it was asked to let the medium go, and does that by itself or not.
   * Forced, it loses it.
   */
  ejectMedium(vmId: string, drive: number, force: boolean): Promise<boolean>;
  /**
   * Could the VM be here, to run now unless said otherwise? Undefined, or what would refuse it – its memory, its name, a port
   * group, a device – for the user, a sentence without its end. It may be asked with a whole specification too.
   */
  admission(spec: VmOutline, purpose?: AdmissionPurpose): Promise<string | undefined>;
  /** Moves a VM that runs or is off. Resolves with the final statistics, rejects with the reason; progress comes as 'migration' events. */
  migrate(vmId: string, targetHostId: string, options?: MigrateOptions): Promise<MigrationStatistics>;
  /** The answer to a migration's question: the VM is to be moved although it stands still for about that many ms. */
  agreeToDowntime(vmId: string, downtimeMs: number): Promise<void>;
  /** At the source, or at the target while the source is silent; rejects once the VM is being handed over. */
  cancelMigration(vmId: string): Promise<void>;
  /** Creates a port group or changes one, with the ports in it. */
  setPortGroup(group: PortGroup): Promise<void>;
  /** Refuses while a VM of this host has a card in it. */
  removePortGroup(name: string): Promise<void>;
  /** Which addresses DHCP gives, and in how large a network, when this host answers for the subnet. */
  setAddressPool(pool: AddressPool): Promise<void>;
  /**
   * Takes back addresses that are leased and not in use: no host has the card, and it does not answer. Resolves with how
   * many; rejects on a host that does not answer DHCP.
   */
  releaseUnusedLeases(): Promise<number>;
  /** Joins the subnet to v86's `inbrowser` network of that number; undefined ends it. */
  setV86Network(networkId: number | undefined): Promise<void>;

  /** Resolves with the capture's identity. At most four run on a host at a time. */
  startCapture(scope: CaptureScope): Promise<string>;
  /** Frames after number `after`, at most `limit` of them, the newest. */
  readCapture(captureId: string, after: number, limit: number): Promise<CaptureView>;
  /** What is kept of it, as a pcapng file. */
  captureFile(captureId: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Takes no more frames; what it has stays. */
  stopCapture(captureId: string): Promise<void>;
  /** Forgets it. */
  discardCapture(captureId: string): Promise<void>;

  /** What runs most in the VM's translated code: the hottest regions, `limit` of them, 1 to 200. Rejects when it is off. */
  regions(vmId: string, limit: number): Promise<RegionReport>;
  /** The code of one of them, x86 and WebAssembly. Rejects when the region is no more. */
  regionCode(vmId: string, regionId: number): Promise<RegionCode>;

  /** Refuses while VMs run here, unless forced. */
  shutdown(force: boolean): Promise<void>;
}

/** A console's line to one host, in this tab or another. */
export interface HostConnection {
  readonly info: HostInfo;
  readonly api: HostApi;
  /** Returns the unsubscribe function. */
  onEvent(listener: (event: HostEvent) => void): () => void;
  /**
   * The host has been silent since then (epoch ms), or is heard again (undefined). It may be frozen, and go on
   * later; its death comes by onClosed.
   */
  onSilence(listener: (since: number | undefined) => void): () => void;
  /** The host went away (its tab closed). */
  onClosed(listener: () => void): () => void;
  close(): void;
}
