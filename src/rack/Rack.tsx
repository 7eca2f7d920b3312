// The hosts side by side, the wire above them, and dragging a VM from one to another.
import {
  type Announcements,
  type CollisionDetection,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  type DragStartEvent,
  KeyboardSensor,
  MouseSensor,
  pointerWithin,
  rectIntersection,
  TouchSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { useRef, useState } from 'react';
import { type Answers, askHosts, refusalOf } from '../operations/admissions.ts';
import { setDraggedVm } from '../operations/view-operations.ts';
import { migrateVm } from '../operations/vm-operations.ts';
import { silenceOf } from '../state/fleet.ts';
import { notify, useConsole } from '../state/store.ts';
import { Blade } from './Blade.tsx';
import { bladeToBlade } from './drag-keyboard.ts';
import { verdictOf, verdictText } from './drag-verdicts.ts';
import { GhostCard } from './GhostCard.tsx';
import { Wire } from './Wire.tsx';
import './card.css';
import './rack.css';

interface Drag {
  vmId: string;
  sourceHostId: string;
  answers: Answers;
}

/** With the keyboard there is no pointer to be within anything. */
const collisions: CollisionDetection = (args) =>
  args.pointerCoordinates ? pointerWithin(args) : rectIntersection(args);

/** Mouse travel that makes a press a drag, CSS pixels. */
const DRAG_DISTANCE = 6;
/** A finger that stays within `tolerance` CSS pixels for `delay` ms picks the card up; one that moves on scrolls. */
const LONG_PRESS = { delay: 250, tolerance: 8 };

export function Rack() {
  const hostOrder = useConsole((state) => state.fleet.hostOrder);
  const [drag, setDrag] = useState<Drag>();
  const lane = useRef<HTMLDivElement>(null);
  const [sensorOptions] = useState(() => ({
    coordinateGetter: bladeToBlade(() => useConsole.getState().fleet.hostOrder),
  }));
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: DRAG_DISTANCE } }),
    useSensor(TouchSensor, { activationConstraint: LONG_PRESS }),
    useSensor(KeyboardSensor, sensorOptions),
  );

  function start({ active }: DragStartEvent) {
    const vmId = String(active.id);
    const vm = useConsole.getState().fleet.vms[vmId];
    if (!vm) return;
    setDrag({ vmId, sourceHostId: vm.hostId, answers: {} });
    setDraggedVm(vmId);
    askHosts(vmId, (answers) => setDrag((now) => (now?.vmId === vmId ? { ...now, answers } : now)));
  }

  function drop() {
    setDrag(undefined);
    setDraggedVm(undefined);
  }

  async function end({ active, over }: DragEndEvent) {
    const { sourceHostId, answers = {} } = drag ?? {};
    drop();
    const vmId = String(active.id);
    if (!over || !sourceHostId || over.id === sourceHostId) return;
    const targetId = String(over.id);
    const { fleet } = useConsole.getState();
    const vm = fleet.vms[vmId];
    if (!vm) return;
    const silence = silenceOf(fleet, targetId);
    const refusal = silence ?? (targetId in answers ? answers[targetId] : await refusalOf(targetId, vm.spec));
    if (refusal === undefined) await migrateVm(vmId, targetId);
    else
      notify(
        'warning',
        `${vm.name} was not moved to ${fleet.hostNames[targetId]}`,
        `${refusal}.`.replace('..', '.'),
        vmId,
      );
  }

  const verdict = (hostId: string) =>
    drag && verdictOf(hostId, drag.sourceHostId, drag.answers, silenceOf(useConsole.getState().fleet, hostId));
  const sayOver = (vmId: unknown, hostId: unknown) => {
    const spoken = verdict(String(hostId));
    return `${nameOf(vmId)} is over ${hostName(hostId)}.${spoken ? ` ${verdictText(spoken)}.` : ''}`;
  };
  const announcements: Announcements = {
    onDragStart: ({ active }) => `Picked up ${nameOf(active.id)}.`,
    onDragOver: ({ active, over }) => (over ? sayOver(active.id, over.id) : `${nameOf(active.id)} is over no host.`),
    onDragEnd: ({ active, over }) => (over ? `Dropped ${nameOf(active.id)} on ${hostName(over.id)}.` : 'Dropped.'),
    onDragCancel: ({ active }) => `${nameOf(active.id)} stays where it is.`,
  };

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={collisions}
      onDragStart={start}
      onDragEnd={end}
      onDragCancel={drop}
      accessibility={{ announcements, screenReaderInstructions: INSTRUCTIONS }}
    >
      <div className="tv-rack">
        <div className="tv-rack-inner" ref={lane}>
          <Wire rack={lane} />
          <div className="tv-blades" style={{ '--blades': hostOrder.length } as React.CSSProperties}>
            {hostOrder.map((hostId) => (
              <Blade key={hostId} hostId={hostId} verdict={verdict(hostId)} />
            ))}
          </div>
        </div>
      </div>
      <DragOverlay dropAnimation={null}>{drag && <GhostCard vmId={drag.vmId} />}</DragOverlay>
    </DndContext>
  );
}

const INSTRUCTIONS = {
  draggable:
    'To move the VM to another host press space, choose the host with the arrow keys, press space again. Escape leaves it where it is.',
};

function nameOf(vmId: unknown): string {
  return useConsole.getState().fleet.vms[String(vmId)]?.name ?? 'The VM';
}

function hostName(hostId: unknown): string {
  return useConsole.getState().fleet.hosts[String(hostId)]?.info.name ?? 'the host';
}
