// What survives a reload: theme, the hosts this console starts and their settings, the link, what is folded away. Stored
// as one JSON value; anything unreadable falls back to the defaults, field by field.
import type { LinkSettings } from '../../workers/api.ts';

export interface HostSettings {
  name: string;
  memoryMiB: number;
}

export interface Preferences {
  theme: 'dark' | 'light';
  hosts: HostSettings[];
  link: LinkSettings;
  drawerOpen: boolean;
  inventoryOpen: boolean;
  /** A guest has been moved at least once: the hint that explains it is no longer needed. */
  hasMigrated: boolean;
}

export const DEFAULT_LINK: LinkSettings = { bandwidthMbits: 1000, latencyMs: 0.2 };

export function defaultPreferences(prefersDark: boolean): Preferences {
  return {
    theme: prefersDark ? 'dark' : 'light',
    hosts: [
      { name: 'host-a', memoryMiB: 512 },
      { name: 'host-b', memoryMiB: 512 },
    ],
    link: DEFAULT_LINK,
    drawerOpen: true,
    inventoryOpen: true,
    hasMigrated: false,
  };
}

export function parsePreferences(text: string | null, prefersDark: boolean): Preferences {
  const defaults = defaultPreferences(prefersDark);
  const stored = parseObject(text);
  const link = asObject(stored.link);
  return {
    theme: stored.theme === 'dark' || stored.theme === 'light' ? stored.theme : defaults.theme,
    hosts: Array.isArray(stored.hosts) ? stored.hosts.filter(isHostSettings) : defaults.hosts,
    link: {
      bandwidthMbits: nonNegative(link.bandwidthMbits, defaults.link.bandwidthMbits),
      latencyMs: nonNegative(link.latencyMs, defaults.link.latencyMs),
    },
    drawerOpen: typeof stored.drawerOpen === 'boolean' ? stored.drawerOpen : defaults.drawerOpen,
    inventoryOpen: typeof stored.inventoryOpen === 'boolean' ? stored.inventoryOpen : defaults.inventoryOpen,
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

function isHostSettings(value: unknown): value is HostSettings {
  const { name, memoryMiB } = asObject(value);
  return typeof name === 'string' && name !== '' && Number.isInteger(memoryMiB) && (memoryMiB as number) > 0;
}

function nonNegative(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : fallback;
}

const KEY = 'tabvisor.preferences';

export function loadPreferences(): Preferences {
  return parsePreferences(readStored(), matchMedia('(prefers-color-scheme: dark)').matches);
}

/** A browser that forbids storage forgets the preferences with the page; nothing else is lost. */
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
