// What a page and its host worker say to each other before Comlink takes over the port.

import type { HostInfo, HostSpec } from '../engine/host/api.ts';

/** Page → worker, the first and only message to the worker itself. */
export interface HostWorkerStart {
  spec: HostSpec;
  tabId: string;
  /** The page's URL: image URLs are relative to it. */
  baseUrl: string;
  port: MessagePort;
  /** Leads to the tab's block worker. */
  drives: MessagePort;
  /** Has the page start workers (worker-lines.ts). */
  workers: MessagePort;
}

/** Worker → page, the first message on the port. */
export type HostWorkerAnswer = { ready: HostInfo } | { failed: string };

/** Worker → page, the last message on the port: the host has been shut down. */
export interface HostWorkerEnd {
  ended: true;
}
