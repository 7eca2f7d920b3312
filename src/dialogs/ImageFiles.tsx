// Files for the new VM, dropped or chosen: what each of them is, what is wrong with it, and how far its unpacking is.
import { Alert, Button, FormSelect, FormSelectOption } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import UploadIcon from '@patternfly/react-icons/dist/esm/icons/upload-icon';
import { useRef } from 'react';
import { formatBytes } from '../format/format.ts';
import { chosenFiles, type PickedFile } from '../media/picked-file.ts';
import { canBeForced } from './apply-image.ts';
import type { ImageItem } from './use-image-files.ts';

interface ImageFilesProps {
  items: readonly ImageItem[];
  /** Files hang over the dialog. */
  isOver: boolean;
  onFiles(files: PickedFile[]): void;
  onRemove(id: number): void;
  onForce(id: number): void;
}

export function ImageFiles({ items, isOver, onFiles, onRemove, onForce }: ImageFilesProps) {
  const input = useRef<HTMLInputElement>(null);
  const hasKernel = items.some(({ stage }) => stage.kind === 'known' && stage.found.image.kind === 'linux-kernel');
  return (
    <section className={`tv-image-files ${isOver ? 'tv-image-files-over' : ''}`} aria-label="Image files">
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="image-files"
        onChange={({ currentTarget }) => {
          onFiles(chosenFiles(currentTarget.files));
          currentTarget.value = '';
        }}
      />
      <div className="tv-image-choose">
        <Button variant="secondary" size="sm" icon={<UploadIcon />} onClick={() => input.current?.click()}>
          Choose files…
        </Button>
        <span className="tv-quiet">
          or drop them here: an ISO, a disk or floppy image, a kernel with its initial RAM disk; gzip, xz, zstd and zip
          are unpacked.
        </span>
      </div>
      {items.length > 0 && (
        <ul className="tv-image-list">
          {items.map((item) => (
            <li key={item.id}>
              <ItemLine item={item} onRemove={() => onRemove(item.id)} />
              <ItemState item={item} hasKernel={hasKernel} onForce={() => onForce(item.id)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function ItemLine({ item: { name, size, stage }, onRemove }: { item: ImageItem; onRemove(): void }) {
  const isBusy = stage.kind === 'reading' || stage.kind === 'unpacking';
  return (
    <div className="tv-image-line">
      <strong title={name}>{name}</strong>
      <span className="tv-quiet">{formatBytes(size)}</span>
      <Button
        variant="plain"
        size="sm"
        icon={<TimesIcon />}
        aria-label={isBusy ? `Cancel ${name}` : `Remove ${name}`}
        onClick={onRemove}
      />
    </div>
  );
}

interface ItemStateProps {
  item: ImageItem;
  /** There is one among the files, for an initial RAM disk. */
  hasKernel: boolean;
  onForce(): void;
}

function ItemState({ item: { name, stage }, hasKernel, onForce }: ItemStateProps) {
  switch (stage.kind) {
    case 'reading':
      return <span className="tv-quiet">Looking at it…</span>;
    case 'unpacking': {
      const { read, total, written } = stage.progress;
      return (
        <span className="tv-image-progress tv-quiet">
          <progress value={read} max={total} aria-label={`Unpacking ${name}`} />
          Unpacking: {formatBytes(read)} of {formatBytes(total)} read, {formatBytes(written)} written
        </span>
      );
    }
    case 'choosing':
      return (
        <FormSelect
          aria-label={`File of ${name}`}
          value=""
          onChange={(_, member) => member !== '' && stage.choose(member)}
        >
          <FormSelectOption value="" label="Choose a file of the archive…" />
          {stage.members.map((member) => (
            <FormSelectOption
              key={member.name}
              value={member.name}
              label={`${member.name} (${formatBytes(member.size)})`}
            />
          ))}
        </FormSelect>
      );
    case 'failed':
      return <Alert isInline isPlain isLiveRegion variant="danger" title={stage.message} component="p" />;
    case 'known': {
      const { found, isUsed } = stage;
      const problems = found.image.kind === 'initrd' && hasKernel ? [] : found.image.problems;
      return (
        <div role="status">
          <div>
            {found.name === name ? '' : `${found.name}: `}
            {found.image.title}
          </div>
          {problems.map(({ text, blocks }) => (
            <Alert
              key={text}
              isInline
              isPlain
              variant={blocks && !isUsed ? 'danger' : 'warning'}
              title={text}
              component="p"
            />
          ))}
          {!isUsed && canBeForced(found) && (
            <Button variant="link" size="sm" isInline onClick={onForce}>
              Put it into a drive all the same
            </Button>
          )}
        </div>
      );
    }
  }
}
