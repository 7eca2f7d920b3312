// What survives a reload: theme, the hosts this console starts and their network, what is folded away. Stored
// as one JSON value; anything unreadable falls back to the defaults, field by field.

import { nameKey, nameProblem } from '../../engine/base/object-name.ts';
import type { AddressPool, LayoutName, LinkSettings } from '../../engine/host/api.ts';
import { isLayout } from '../../engine/pc/input/typed-text.ts';
import { hostMemoryProblem, isLinkFigure } from '../../engine/subnet/presence/host-settings.ts';
import { DEFAULT_PLAN, poolOf, withPool } from '../../engine/subnet/responders/subnet-plan.ts';
import { decodePortGroup, type PortGroup } from '../../engine/subnet/switch/port-group.ts';

export interface HostSettings {
  name: string;
  memoryMiB: number;
}

/** `fit`: as large as there is room; `sharp`: by whole pixels. */
export type ScreenScale = 'fit' | 'sharp';

export interface Preferences {
  theme: 'dark' | 'light';
  hosts: HostSettings[];
  link: LinkSettings;
  /** ms a guest may stand still when it is moved. */
  downtimeLimitMs: number;
  /** Beside the one that every host has. */
  portGroups: PortGroup[];
  /** Which addresses DHCP gives; the usual ones if left out. */
  addressPool?: AddressPool;
  /** Number of v86's network that the subnet joins, if it does. */
  v86Network?: number;
  drawerOpen: boolean;
  inventoryOpen: boolean;
  screenScale: ScreenScale;
  /** What is printed on the keys of the guests' keyboards, by which pasted text is typed. */
  keyboardLayout: LayoutName;
  /** The guests' PC speakers are not heard. */
  speakerMuted: boolean;
  /** A guest has been moved at least once: the hint that explains it is no longer needed. */
  hasMigrated: boolean;
}

/** More hosts than a tab starts, and more port groups than a user sets. */
const MOST_HOSTS = 16;
const MOST_PORT_GROUPS = 255;

/** Longer than any standstill that a user would accept. */
export const MOST_DOWNTIME_MS = 600_000;

const DEFAULT_LINK: LinkSettings = { bandwidthMbits: 1000, latencyMs: 0.2, loss: 0, jitterMs: 0 };

export function defaultPreferences(prefersDark: boolean): Preferences {
  return {
    theme: prefersDark ? 'dark' : 'light',
    hosts: [
      { name: 'host-a', memoryMiB: 512 },
      { name: 'host-b', memoryMiB: 512 },
    ],
    link: DEFAULT_LINK,
    downtimeLimitMs: 1000,
    portGroups: [],
    drawerOpen: true,
    inventoryOpen: true,
    screenScale: 'fit',
    keyboardLayout: 'us',
    speakerMuted: false,
    hasMigrated: false,
  };
}

export function parsePreferences(text: string | null, prefersDark: boolean): Preferences {
  const defaults = defaultPreferences(prefersDark);
  const stored = parseObject(text);
  const link = asObject(stored.link);
  return {
    theme: stored.theme === 'dark' || stored.theme === 'light' ? stored.theme : defaults.theme,
    hosts: Array.isArray(stored.hosts) ? readHosts(stored.hosts) : defaults.hosts,
    link: {
      bandwidthMbits: link.bandwidthMbits === 0 ? 0 : linkFigure(link, 'bandwidthMbits'),
      latencyMs: linkFigure(link, 'latencyMs'),
      loss: linkFigure(link, 'loss'),
      jitterMs: linkFigure(link, 'jitterMs'),
    },
    downtimeLimitMs: isDowntimeLimit(stored.downtimeLimitMs) ? stored.downtimeLimitMs : defaults.downtimeLimitMs,
    portGroups: Array.isArray(stored.portGroups)
      ? stored.portGroups.slice(0, MOST_PORT_GROUPS).flatMap(readPortGroup)
      : defaults.portGroups,
    ...(stored.addressPool !== undefined && readAddressPool(stored.addressPool)),
    ...(isNetworkNumber(stored.v86Network) && { v86Network: stored.v86Network }),
    drawerOpen: typeof stored.drawerOpen === 'boolean' ? stored.drawerOpen : defaults.drawerOpen,
    inventoryOpen: typeof stored.inventoryOpen === 'boolean' ? stored.inventoryOpen : defaults.inventoryOpen,
    screenScale: stored.screenScale === 'sharp' ? 'sharp' : 'fit',
    keyboardLayout: isLayout(stored.keyboardLayout) ? stored.keyboardLayout : defaults.keyboardLayout,
    speakerMuted: stored.speakerMuted === true,
    hasMigrated: stored.hasMigrated === true,
  };
}

function parseObject(text: string | null): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Those that can be started, each name once. */
function readHosts(stored: unknown[]): HostSettings[] {
  const names = new Set<string>();
  const hosts: HostSettings[] = [];
  for (const host of stored.slice(0, MOST_HOSTS)) {
    if (!isHostSettings(host) || names.has(nameKey(host.name))) continue;
    names.add(nameKey(host.name));
    hosts.push(host);
  }
  return hosts;
}

function isHostSettings(value: unknown): value is HostSettings {
  const { name, memoryMiB } = asObject(value);
  return typeof name === 'string' && !nameProblem(name) && !hostMemoryProblem(memoryMiB);
}

/** None if it is not one. */
function readPortGroup(value: unknown): PortGroup[] {
  try {
    return [decodePortGroup(value)];
  } catch {
    return [];
  }
}

/** Nothing if it is none. */
function readAddressPool(value: unknown): { addressPool?: AddressPool } {
  try {
    return { addressPool: poolOf(withPool(DEFAULT_PLAN, value)) };
  } catch {
    return {};
  }
}

function isNetworkNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function linkFigure(link: Record<string, unknown>, name: keyof LinkSettings): number {
  const value = link[name];
  return isLinkFigure(value, name) ? value : DEFAULT_LINK[name];
}

const KEY = 'tabvisor.preferences';

export function isDowntimeLimit(value: unknown): value is number {
  return typeof value === 'number' && value >= 1 && value <= MOST_DOWNTIME_MS;
}

export function loadPreferences(): Preferences {
  return parsePreferences(readStored(), matchMedia('(prefers-color-scheme: dark)').matches);
}

/** In a browser that forbids storage the preferences end with the page; nothing else is lost. */
function readStored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function storePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // As above.
  }
}
