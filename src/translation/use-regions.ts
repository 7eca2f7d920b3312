// The hottest regions of a VM, requested again and again while they are shown; and the code of one of them.
import { useCallback, useEffect, useState } from 'react';
import type { RegionCode, RegionReport } from '../../engine/host/api.ts';
import { apiOf } from '../session/connections.ts';
import { useVm } from '../state/hooks.ts';
import { type WasmLine, wasmText } from './wasm-text.ts';

/** ms between two questions. */
const PERIOD = 2000;
/** Regions that are listed. */
export const LISTED_REGIONS = 30;

export interface RegionsView {
  report: RegionReport | undefined;
  problem: string | undefined;
  refresh(): void;
}

/** Does it have translated code that can be shown? */
export function useIsOn(vmId: string): boolean {
  const power = useVm(vmId)?.power;
  return power === 'running' || power === 'migrating' || power === 'starting';
}

export function useRegions(vmId: string, paused: boolean): RegionsView {
  const hostId = useVm(vmId)?.hostId;
  const isOn = useIsOn(vmId);
  const [report, setReport] = useState<RegionReport>();
  const [problem, setProblem] = useState<string>();

  const refresh = useCallback(async () => {
    if (hostId === undefined) return;
    try {
      setReport(await apiOf(hostId).regions(vmId, LISTED_REGIONS));
      setProblem(undefined);
    } catch (error) {
      setProblem(messageOf(error));
    }
  }, [vmId, hostId]);

  useEffect(() => {
    if (!isOn || paused) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      if (document.visibilityState === 'visible') await refresh();
      if (!over) timer = setTimeout(ask, PERIOD);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [isOn, paused, refresh]);

  return { report, problem, refresh: () => void refresh() };
}

export interface CodeView {
  code: RegionCode;
  /** Undefined when it cannot be shown. */
  wasm: WasmLine[] | undefined;
}

/** The code of region `id` of the VM on that host, fetched once. */
export function useRegionCode(
  vmId: string,
  hostId: string | undefined,
  id: number | undefined,
): { view: CodeView | undefined; problem: string | undefined } {
  const [view, setView] = useState<CodeView>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    setProblem(undefined);
    if (id === undefined || hostId === undefined) {
      setView(undefined);
      return;
    }
    let over = false;
    codeOf(hostId, vmId, id)
      .then((found) => !over && setView(found))
      .catch((error) => !over && setProblem(messageOf(error)));
    return () => {
      over = true;
    };
  }, [vmId, hostId, id]);
  return { view: view?.code.id === id ? view : undefined, problem };
}

async function codeOf(hostId: string, vmId: string, id: number): Promise<CodeView> {
  const code = await apiOf(hostId).regionCode(vmId, id);
  return { code, wasm: code.wasm && (await wasmText(code.wasm)) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
