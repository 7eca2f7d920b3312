// VMs on their way to a host, from others or about to be created: nobody else gets their names, identities and cards meanwhile.

import type { IncomingVm, TargetHost } from '../migration/ports.ts';
import type { DriveStore } from '../vmkernel/block/drive-store.ts';
import { VmDrives } from '../vmkernel/block/vm-drives.ts';
import { checkVmSpec } from '../vmkernel/spec/spec-check.ts';
import type { VmSpec } from './api.ts';
import { receiveColdVm } from './cold-vm.ts';
import { receiveVm } from './incoming-vm.ts';
import type { VmTable } from './vm-table.ts';

export interface ArrivalPorts {
  vms: Pick<VmTable, 'build' | 'add'>;
  drives: DriveStore | undefined;
  /** Why the VM cannot run here; undefined if it can. */
  refusal(spec: unknown): string | undefined;
  /** Others are on their way. */
  onChange(): void;
}

export class Arrivals implements TargetHost<VmSpec> {
  readonly #ports: ArrivalPorts;
  /** By id. */
  readonly #arriving = new Map<string, VmSpec>();

  constructor(ports: ArrivalPorts) {
    this.#ports = ports;
  }

  specs(): VmSpec[] {
    return [...this.#arriving.values()];
  }

  admission(spec: unknown): string | undefined {
    return this.#ports.refusal(spec);
  }

  async reserve(value: unknown, pages: number): Promise<IncomingVm> {
    const spec = checkVmSpec(value);
    const refusal = this.#ports.refusal(spec);
    if (refusal) throw new Error(refusal);
    this.expect(spec);
    try {
      return await this.#receive(spec, pages === 0);
    } catch (error) {
      this.noLongerExpect(spec);
      throw error;
    }
  }

  expect(spec: VmSpec): void {
    this.#arriving.set(spec.id, spec);
    this.#ports.onChange();
  }

  noLongerExpect(spec: VmSpec): void {
    this.#arriving.delete(spec.id);
    this.#ports.onChange();
  }

  async #receive(spec: VmSpec, cold: boolean): Promise<IncomingVm> {
    const { vms, drives } = this.#ports;
    const vm = vms.build(spec);
    const arrived = () => {
      this.#arriving.delete(spec.id);
      vms.add(vm);
    };
    const incoming = cold ? receiveColdVm(await VmDrives.attach(drives, spec), arrived) : await receiveVm(vm, arrived);
    return {
      ...incoming,
      discard: async () => {
        this.noLongerExpect(spec);
        await incoming.discard();
      },
    };
  }
}
