// A host on the subnet: presence, the modelled uplink, streams for migrations, connections from consoles of other tabs.

import { systemTimebase } from '../base/timebase.ts';
import type { MigrationContext } from '../migration/context.ts';
import { OutcomeRouter } from '../migration/outcome-router.ts';
import { type Checksum, loadChecksum } from '../migration/page-batch.ts';
import { type OpenPort, Subnet, type SubnetProblem } from '../subnet/carrier/subnet.ts';
import { HostNetwork } from '../subnet/host-network/host-network.ts';
import { Link } from '../subnet/link/link.ts';
import type { DeathWitness } from '../subnet/presence/death-witness.ts';
import { livesOf } from '../subnet/presence/lives.ts';
import type { TermLocks } from '../subnet/presence/office.ts';
import { type HostDescription, Presence } from '../subnet/presence/presence.ts';
import type { FencedLeaseStore } from '../subnet/responders/fenced-leases.ts';
import { EndpointHub, type SubnetEndpoint } from '../subnet/streams/endpoint.ts';
import { StreamHub } from '../subnet/streams/stream-hub.ts';
import type { YieldTask } from '../vmkernel/shared/yield-task.ts';

/** The name under which a host serves consoles of other tabs (EndpointHub.connect). */
export const CONTROL_SERVICE = 'host-control';

export interface HostNodeOptions {
  description: HostDescription;
  openPort: OpenPort;
  witness?: DeathWitness;
  terms: TermLocks;
  leaseStore: FencedLeaseStore;
  yieldTask: YieldTask;
  onProblem(problem: SubnetProblem): void;
  onConsole(endpoint: SubnetEndpoint): void;
}

export class HostNode {
  readonly context: MigrationContext;
  readonly outcomes: OutcomeRouter;
  readonly network: HostNetwork;
  readonly #endpoints: EndpointHub;
  readonly #options: HostNodeOptions;

  /** `checksum` from loadChecksum: waited for before, so that the node can be built in one step. */
  constructor(options: HostNodeOptions, checksum: Checksum) {
    const { description, openPort, witness, onProblem } = options;
    this.#options = options;
    const timebase = systemTimebase;
    const subnet = new Subnet({ nodeId: description.id, openPort, onProblem });
    const self = { id: description.id, startedAt: description.startedAt, host: description };
    const presence = new Presence({ subnet, timebase, self, witness });
    this.context = {
      subnet,
      presence,
      streams: new StreamHub(subnet, timebase),
      link: new Link(description.link, timebase),
      timebase,
      checksum,
    };
    this.outcomes = new OutcomeRouter(subnet);
    this.network = new HostNetwork({
      subnet,
      link: this.context.link,
      timebase,
      openPort,
      terms: options.terms,
      leaseStore: options.leaseStore,
      lives: livesOf(self, presence, witness),
      soon: options.yieldTask,
      onProblem: (title, detail) => onProblem({ title, detail }),
    });
    this.network.setLine(description.link);
    this.#endpoints = new EndpointHub(subnet, presence);
  }

  static async create(options: HostNodeOptions): Promise<HostNode> {
    return new HostNode(options, await loadChecksum());
  }

  /** Joins the subnet. Whatever the host serves must be set up before. */
  async join(): Promise<void> {
    this.#endpoints.serve(CONTROL_SERVICE, (endpoint) => this.#options.onConsole(endpoint));
    await this.context.presence.start();
  }

  /** Throws RangeError for settings that no link has. */
  setLink(description: HostDescription): void {
    const { link } = description;
    this.network.setLine(link);
    this.context.link.settings = link;
    this.context.presence.update(description);
  }

  /** Says goodbye: no VM of this host may run afterwards. */
  leave(): void {
    const { presence, subnet } = this.context;
    this.network.close();
    this.#endpoints.close();
    this.outcomes.close();
    presence.stop();
    subnet.close();
  }
}
