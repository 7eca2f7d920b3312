// The bridge to v86: what it is for, its network's number, on or off, and which host bridges.
import { Button, TextInput } from '@patternfly/react-core';
import { type FormEvent, useState } from 'react';
import { formatCount } from '../format/format.ts';
import { setV86Network } from '../operations/network-operations.ts';
import { useConsole } from '../state/store.ts';

export function V86Panel() {
  const preferred = useConsole((state) => state.preferences.v86Network);
  const [typed, setTyped] = useState(String(preferred ?? 0));
  const number = Number(typed);
  const isNumber = typed.trim() !== '' && Number.isSafeInteger(number) && number >= 0;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isNumber) void setV86Network(number);
  }

  return (
    <section className="tv-panel" aria-label="v86 bridge">
      <h2>Bridge to v86</h2>
      <p className="tv-quiet">
        Joins the subnet to the VMs of v86, another PC emulator for browsers, in tabs of this site that use its{' '}
        <span className="tv-mono">inbrowser</span> network of the same number: they get addresses here and can be
        pinged.
      </p>
      <form className="tv-inline-form" onSubmit={submit}>
        <label htmlFor="v86-network">Network number</label>
        <TextInput
          id="v86-network"
          type="number"
          min={0}
          value={typed}
          validated={isNumber ? 'default' : 'error'}
          aria-describedby="v86-state"
          onChange={(_, text) => setTyped(text)}
        />
        <Button type="submit" size="sm" variant="secondary" isDisabled={!isNumber || number === preferred}>
          {preferred === undefined ? 'Switch on' : 'Apply'}
        </Button>
        {preferred !== undefined && (
          <Button size="sm" variant="secondary" onClick={() => void setV86Network(undefined)}>
            Switch off
          </Button>
        )}
      </form>
      <p id="v86-state" className="tv-v86-state" role="status">
        {isNumber ? <BridgeState /> : 'A whole number from 0.'}
      </p>
    </section>
  );
}

function BridgeState() {
  return useConsole(({ networks, fleet }) => {
    const bridges = Object.entries(networks).flatMap(([id, { status }]) => (status.v86 ? [{ id, ...status.v86 }] : []));
    const active = bridges.find((bridge) => bridge.active);
    const foreign = bridges.reduce((sum, bridge) => sum + bridge.foreign, 0);
    if (bridges.length === 0) return 'Off';
    const what = active
      ? `${fleet.hostNames[active.id]} bridges v86-inbrowser-${active.networkId}`
      : 'No host bridges yet';
    return foreign > 0 ? `${what}; ${formatCount(foreign)} messages that were no frames were ignored` : what;
  });
}
