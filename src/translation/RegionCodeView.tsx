// The code of one region: the guest's instructions, and beside them the WebAssembly made from them.
import { Alert } from '@patternfly/react-core';
import { useMemo, useState } from 'react';
import type { ListedInstruction } from '../../engine/host/api.ts';
import { formatBytes, formatCount, formatHex, formatPercent } from '../format/format.ts';
import { CodeList, type CodeRow } from './CodeList.tsx';
import { CodeText } from './CodeText.tsx';
import { addressesOfLines, shareOfInstructions } from './code-map.ts';
import { type CodeView, useRegionCode } from './use-regions.ts';

/** Bytes of an instruction that are written out. */
const SHOWN_BYTES = 7;

interface RegionCodeViewProps {
  vmId: string;
  hostId: string;
  /** Nothing is chosen without it. */
  regionId: number | undefined;
}

export function RegionCodeView({ vmId, hostId, regionId }: RegionCodeViewProps) {
  const { view, problem } = useRegionCode(vmId, hostId, regionId);
  if (problem) return <Alert isInline isLiveRegion variant="info" component="h3" title={problem} />;
  if (regionId === undefined) return <p className="tv-quiet tv-code-hint">Choose a region to see its code.</p>;
  if (!view) return <p className="tv-quiet tv-code-hint">Fetching the region’s code…</p>;
  return <CodePair key={regionId} view={view} />;
}

function CodePair({ view }: { view: CodeView }) {
  const { code, wasm } = view;
  const [pointed, setPointed] = useState<number>();
  const [selected, setSelected] = useState<number>();
  const instructions = useMemo(() => code.instructions.map(instructionRow), [code]);
  const lines = useMemo(() => {
    const addresses = addressesOfLines(wasm ?? [], code.marks);
    return (wasm ?? []).map(({ text }, n): CodeRow => ({ address: addresses[n], content: <CodeText text={text} /> }));
  }, [code, wasm]);
  const lists = { pointed, selected, onPoint: setPointed, onSelect: setSelected };
  return (
    <div className="tv-code-pair">
      <section aria-label="x86 code">
        <header>
          <h3>x86</h3>
          <span className="tv-quiet">
            {formatCount(instructions.length)} instructions · <b className="tv-code-entry">▸</b> can be entered
          </span>
        </header>
        <CodeList label="x86 instructions" rows={instructions} {...lists} />
      </section>
      <section aria-label="WebAssembly code">
        <header>
          <h3>WebAssembly</h3>
          {code.wasm && (
            <span className="tv-quiet">
              {formatBytes(code.wasm.length)}, {formatPercent(shareOfInstructions(code))} of them for the instructions,
              the rest for coming in and going out
            </span>
          )}
        </header>
        {wasm ? (
          <CodeList label="WebAssembly text" rows={lines} {...lists} />
        ) : (
          <p className="tv-quiet tv-code-hint">The guest has changed this code since; the module can’t be shown.</p>
        )}
      </section>
    </div>
  );
}

function instructionRow({ address, bytes, text, leads, entry }: ListedInstruction): CodeRow {
  const hex = [...bytes.subarray(0, SHOWN_BYTES)].map((byte) => formatHex(byte, 2)).join(' ');
  return {
    address,
    className: leads ? 'tv-code-leads' : '',
    content: (
      <>
        <span className="tv-code-entry" title={entry ? 'Control can come into the region here' : undefined}>
          {entry ? '▸' : ' '}
        </span>
        <span className="tv-code-address">{formatHex(address)}</span>
        <span className="tv-code-bytes">
          {hex}
          {bytes.length > SHOWN_BYTES ? '…' : ''}
        </span>
        <CodeText text={text} />
      </>
    ),
  };
}
