// VMs on their way from a host to others.

import { DEFAULT_LIMITS } from '../migration/convergence.ts';
import { OutgoingMigration } from '../migration/source.ts';
import type { Vm } from '../vmkernel/vm/vm.ts';
import type { MigrateOptions, MigrationStatistics } from './api.ts';
import { coldMigratable } from './cold-vm.ts';
import { isDuration } from './durations.ts';
import type { HostNode } from './host-node.ts';
import { migratable } from './migratable-vm.ts';

export interface DeparturePorts {
  node: Pick<HostNode, 'context' | 'outcomes'>;
  /** Of the host. */
  memory: WebAssembly.Memory;
  onProgress(statistics: MigrationStatistics): void;
  /** The VM is no longer this host's. */
  onDeparted(vmId: string): void;
}

export class Departures {
  readonly #ports: DeparturePorts;
  /** By VM. */
  readonly #outgoing = new Map<string, OutgoingMigration>();

  constructor(ports: DeparturePorts) {
    this.#ports = ports;
  }

  /** Rejects with an Error for the user; the VM stays then. */
  async migrate(vm: Vm, targetHostId: string, options: MigrateOptions): Promise<MigrationStatistics> {
    const { downtimeLimitMs = DEFAULT_LIMITS.downtimeLimitMs, ask } = options;
    if (!isDuration(downtimeLimitMs)) throw new Error('The limit of the standstill is a number of ms of more than 0.');
    const { node, memory, onProgress, onDeparted } = this.#ports;
    const { id } = vm.spec;
    const moving = vm.power === 'off' ? coldMigratable(vm) : migratable(vm, memory, node.context.timebase);
    const migration = new OutgoingMigration({
      context: node.context,
      outcomes: node.outcomes,
      vm: moving,
      targetHostId,
      limits: { ...DEFAULT_LIMITS, downtimeLimitMs },
      ask,
      onProgress,
    });
    this.#outgoing.set(id, migration);
    try {
      return await migration.run();
    } finally {
      this.#outgoing.delete(id);
      if (vm.departed) onDeparted(id);
      else vm.endMigration();
    }
  }

  /** Throws an Error for the user. */
  agree(vmId: string, downtimeMs: number): void {
    const migration = this.#outgoing.get(vmId);
    if (!migration) throw new Error('The VM is not migrating from this host.');
    if (!isDuration(downtimeMs)) throw new Error('A standstill is a number of ms of more than 0.');
    migration.agree(downtimeMs);
  }

  /** False: it is too late; undefined: it is not on its way. */
  cancel(vmId: string): boolean | undefined {
    return this.#outgoing.get(vmId)?.cancel();
  }

  cancelAll(reason: string): void {
    for (const migration of this.#outgoing.values()) migration.cancel(reason);
  }
}
