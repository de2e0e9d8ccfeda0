import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { whenLoaded } from '../api/when-loaded.ts';

/** The keys come after the first page, which does not wait for them. */
export function useKeys(): void {
  const navigate = useNavigate();
  useEffect(
    () =>
      whenLoaded(
        () => import('./follow-keys.ts'),
        ({ followKeys }) => followKeys((href) => void navigate({ href })),
      ),
    [navigate],
  );
}
