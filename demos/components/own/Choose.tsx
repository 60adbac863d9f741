import { Button, Group, Text } from '@mantine/core';
import { type DragEvent, useRef, useState } from 'react';
import type { OwnFile } from '../../../src/data/own/found.ts';
import { chosen, dropped } from '../../app/dropped.ts';
import { Folder, Images } from '../list-icons.tsx';
import css from './own.module.css';

type Props = { readonly onFiles: (files: readonly OwnFile[]) => void; readonly onTrouble: (message: string) => void };

/** A place to drop files on, and buttons that choose files or a folder. */
export function Choose({ onFiles, onTrouble }: Props) {
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const attempt = async (take: () => OwnFile[] | Promise<OwnFile[]>) => {
    try {
      const taken = await take();
      if (taken.length > 0) onFiles(taken);
    } catch (error) {
      onTrouble(
        error instanceof Error && error.constructor === Error
          ? error.message
          : 'The folder could not be read. Try it again, or choose a zip archive',
      );
    }
  };
  const take = (input: HTMLInputElement) => {
    const list = input.files;
    if (list)
      void attempt(() => chosen(list)).then(() => {
        // The same files may be chosen again.
        input.value = '';
      });
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void attempt(() => dropped(event.dataTransfer));
  };
  return (
    <section
      aria-label="Choose images"
      className={css.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={onDrop}
    >
      <Text fw={600}>Drop a folder, a zip archive or files here</Text>
      <Group gap="xs" justify="center">
        <Button leftSection={<Images />} onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button variant="default" leftSection={<Folder />} onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
      </Group>
      <Text size="sm" c="dimmed" maw={620}>
        PNG, JPEG or WebP pictures, with folders as labels or none; IDX; CIFAR-10 and CIFAR-100 binary; .npy and .npz; Parquet. Images and
        the labels beside them are chosen together.
      </Text>
      <input ref={files} type="file" multiple hidden aria-label="Files of images" onChange={({ currentTarget }) => take(currentTarget)} />
      <input
        ref={(input) => {
          folder.current = input;
          // React knows no such attribute; browsers do.
          input?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        multiple
        hidden
        aria-label="Folder of images"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
    </section>
  );
}
