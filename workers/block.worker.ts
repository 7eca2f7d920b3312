// The block worker of a tab: keeps the media of its hosts' VMs, and what guests write to them.

import { BlockStore } from '../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../engine/vmkernel/shared/yield-task.ts';
import { serveDrives } from './block/drive-lines.ts';
import { openUrl } from './block/http-backend.ts';
import type { BlockWorkerMessage } from './block-worker-protocol.ts';
import { fetchBytes } from './fetch-bytes.ts';

let store: BlockStore | undefined;
const hosts = new Map<string, () => Promise<void>>();

addEventListener('message', ({ data }: MessageEvent<BlockWorkerMessage>) => {
  if ('gone' in data) {
    void hosts.get(data.gone)?.();
    hosts.delete(data.gone);
    return;
  }
  store ??= new BlockStore({
    yieldTask: createYieldTask(),
    async openSource(source) {
      if (source.kind === 'path') throw new Error(`The disk image ${source.path} is a path, which a browser has not.`);
      return openUrl(source.url, data.baseUrl, fetchBytes);
    },
  });
  hosts.set(data.host, serveDrives(store, data.port));
});
